% Reads the files that are named on standard input, one a line; after each it says READ.
#(use-modules (ice-9 rdelim))
#(let loop ((name (read-line (current-input-port))))
   (if (not (eof-object? name))
       (begin
         (catch 'ly-file-failed (lambda () (ly:parse-file name)) (lambda arguments #f))
         (display "READ\n" (current-error-port))
         (force-output (current-error-port))
         (loop (read-line (current-input-port))))))
