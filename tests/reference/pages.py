"""A manual page of our own, as its author and as man write it."""

PUMP = r"""
.TH PUMP 1 "2024-01-01" "pumps 1.0" "User Commands"
.SH NAME
pump \- move water
.SH SYNOPSIS
.B pump
[\fIOPTION\fR]... \fIWELL\fR
.SH DESCRIPTION
Moves water out of a well.
.PP
Wells are closed afterwards.
.TP
\fB\-a\fR, \fB\-\-all\fR
empty the well to its ground
.TP
\fB\-q\fR
say nothing at all
.SH EXAMPLES
To empty the well behind the house, run:
.PP
.nf
    pump \-a house
.fi
.SH FILES
.TP
.I /etc/wells
The wells that there are.
.SH AUTHOR
Somebody <somebody@pumps.dev>
"""

RENDERED = """PUMP(1)                        User Commands                        PUMP(1)

NAME
       pump - move water

SYNOPSIS
       pump [OPTION]... WELL

DESCRIPTION
       Moves water out of a well.

       Wells are closed afterwards.

       -a, --all
              empty the well to its ground

              It takes an hour.

       -q     say nothing at all

       --very do so with much noise

   Wells
       A well has a name.

       •   It is deep.

       To list them, run:

           pump --list
           pump --list --all

       NAME
       DEPTH  of the well

EXAMPLES
       first line
       second line

pumps 1.0                        2024-01-01                          PUMP(1)
"""
