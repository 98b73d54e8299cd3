// Reads {"template", "data": [...]} and prints, as JSON, one {"text", "error"} for each data.
package main

import (
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

func main() {
	var in struct {
		Template string
		Data     []any
	}
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
	parsed, err := template.New("").Option("missingkey=zero").Parse(in.Template) // as Ollama's template.Parse
	var out []map[string]string
	for _, data := range in.Data {
		var text strings.Builder
		failure := ""
		if err != nil {
			failure = err.Error()
		} else if err := parsed.Execute(&text, data); err != nil {
			failure = err.Error()
		}
		out = append(out, map[string]string{"text": text.String(), "error": failure})
	}
	json.NewEncoder(os.Stdout).Encode(out)
}
