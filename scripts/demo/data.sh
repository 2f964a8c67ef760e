# shellcheck shell=bash
# The data of the demo: what apt knows of packages, as lines of name, section and description for COPY.

package_descriptions() {
    command -v apt-cache >/dev/null || return 0
    apt-cache dumpavail | records_to_lines
}

# records_to_lines - of apt's records on standard input; of a package that comes again, only the first.
records_to_lines() {
    awk '
        function flush() {
            if (name != "" && text != "" && !(name in seen)) {
                seen[name] = 1
                gsub(/\\/, "\\\\", text)
                gsub(/[\t ]+/, " ", text)
                print name "\t" section "\t" text
            }
            name = section = text = ""
            describing = 0
        }
        /^$/ { flush(); next }
        # The lines after a description'"'"'s first begin with a blank; one with only a dot is an empty line.
        /^ / { if (describing && $0 != " .") text = text $0; next }
        { describing = 0 }
        /^Package: / { name = $2 }
        /^Section: / { section = $2 }
        /^Description(-en)?: / { describing = 1; sub(/^[^:]*: /, ""); text = $0 }
        END { flush() }'
}
