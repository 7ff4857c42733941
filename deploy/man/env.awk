# Makes the manual page of the configuration file out of .env.example, whose
# comments are the one place where the keys are explained.
#
# A comment belongs to the keys below it, up to the next blank line; a key that
# is commented out is shown with its default.

function text_of(line) {
	gsub(/\\/, "\\e", line)
	gsub(/-/, "\\-", line)
	return line ~ /^[.']/ ? "\\&" line : line
}

function end_keys() {
	if (keys == "")
		return
	printf "%s", keys
	if (comment != "")
		printf ".Bd -unfilled -compact\n%s.Ed\n", comment
	keys = comment = ""
}

BEGIN {
	print ".\\\" Made by make from .env.example"
	print ".Dd November 23, 2026\n.Dt FLEX-VERIFY.ENV 5\n.Os"
	print ".Sh NAME\n.Nm flex-verify.env\n.Nd configuration of flex-verify"
	print ".Sh SYNOPSIS\n.Pa /etc/flex-verify/flex-verify.env"
	print ".Sh DESCRIPTION"
	print "Each line is"
	print ".Ar KEY Ns = Ns Ar value ."
	print "Blank lines and lines that begin with # are skipped, and so are blanks"
	print "around key and value; a value may stand in double quotes."
	print "A key that is unknown, repeated, missing or malformed is an error that"
	print "names file and line, and the programs then do not start."
	print ".Pp"
	print "The file holds secrets: it belongs to root or to the user that the"
	print "programs run as, and neither may others read it nor its group write it."
}

# "# --- Limits ----": a section.
/^# --- / {
	end_keys()
	gsub(/^# --- | -*$/, "")
	if (listing)
		print ".El"
	print ".Ss " $0 "\n.Bl -tag -width Ds"
	listing = 1
	comment = ""
	next
}

/^#?[A-Z][A-Z0-9_]*=/ {
	line = $0
	optional = sub(/^#/, "", line)
	name = value = line
	sub(/=.*/, "", name)
	sub(/^[^=]*=/, "", value)
	note = optional && value != "" ? " , default: " text_of(value) : ""
	keys = keys ".It Ev " name note "\n"
	next
}

/^$/ {
	end_keys()
	comment = ""
	next
}

listing {
	end_keys()
	sub(/^# ?/, "")
	comment = comment text_of($0) "\n"
}

END {
	end_keys()
	print ".El\n.Sh SEE ALSO\n.Xr flex-verify 8 ,\n.Xr start-verify 8"
}
