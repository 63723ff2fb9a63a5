#!/bin/sh
# From age identities to the members of every keeping, without Holdfast.
#
#   sh open-without-us.sh [-a] IDENTITIES VAULT OUT
#
# IDENTITIES  a file of lines AGE-SECRET-KEY-PQ-1..., which identities.py makes
# VAULT       the folder that holds packs/ and log/
# OUT         a new or empty folder; it will hold plain text, so make it on a disk that you trust
# -a          also packs that no log names: what a keeping left behind that was cut off, or all of them if log/ is lost
#
# It needs tar, zstd, and age 1.3 or later; AGE=... names another program that takes the same arguments.
# It makes OUT/<keeping>/<container>/<path> and OUT/<keeping>.members.tsv, and where there is something to tell,
# OUT/incomplete/ and OUT/report.txt.  It ends with 0 if all that was opened is whole, else with 1.
#
# It believes nothing that it reads: a pack is unpacked only once all of it is verified and each name in it is known to
# stay in its place, and a path in a table that is absolute, climbs or is spelled oddly is refused.
# It does not check the writers' signatures: whoever could write to VAULT could add a log of their own.  If a writer's
# key was stolen, first take the files of log/<writer>/ that came later out of a copy of VAULT.
set -u
umask 077
unset CDPATH
tab=$(printf '\t')
language=${LC_ALL:-${LC_CTYPE:-${LANG:-C}}}
case $language in C | POSIX) language=C.UTF-8 ;; esac
LC_ALL=C
export LC_ALL

die() { printf '%s\n' "$1" >&2; exit 2; }
has() { command -v "$1" >/dev/null 2>&1; }
report() { printf '%s\n' "$1" >>report.txt; }
progress() { [ ! -t 2 ] || printf '\r%-60s\r%s' '' "$1" >&2; }
absolute() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$(pwd)" "$1" ;; esac; }

# ---- 1. What is there: a line for each pack, in the order of the log: 8 digits of its writer's key, and its name ----

unlisted=
[ "${1-}" != -a ] || { unlisted=yes; shift; }
[ $# = 3 ] || die 'usage: sh open-without-us.sh [-a] IDENTITIES VAULT OUT'
age=${AGE:-age}
case $age in */*) age=$(absolute "$age") ;; esac
for program in "$age" tar zstd awk; do has "$program" || die "this needs the program $program"; done
identities=$(absolute "$1") vault=$(absolute "$2") out=$(absolute "${3%/}")
[ -r "$identities" ] || die "cannot read $1"
[ -d "$vault/packs" ] || die "$2 holds no folder packs"
[ ! -h "$out" ] && mkdir -p "$out" && [ -z "$(ls -A "$out")" ] || die "$3 must be a new or empty folder"
mkdir "$out/work" && cd "$out/work" || die "cannot write to $3"
trap 'cd "$out" && rm -rf "$out/work"' EXIT
trap 'exit 2' HUP INT TERM
# A keeping is named after the first 8 digits of its writer's key: nobody may have the same.
[ -z "$(ls "$vault/log" 2>/dev/null | cut -c 1-8 | sort | uniq -d)" ] || die 'log/ has two writers that begin alike'

logged() {
    for commit in "$vault"/log/*/*; do
        [ -f "$commit" ] || continue
        writer=${commit%/*} writer=${writer##*/}
        tr -d '\000' <"$commit" | sed -n "s/^pack \([0-9a-f]\{64\}\) [0-9]*\$/$(printf '%.8s' "$writer") \1/p"
    done
}

present() { ls "$vault/packs" | sed -n 's/^\([0-9a-f]\{64\}\)$/? \1/p'; }

logged | awk '!seen[$2]++' >packs.txt
if [ ! -s packs.txt ]; then
    unlisted=yes
    report 'no log names a pack: all of them are taken'
fi
if [ -n "$unlisted" ]; then present | awk '!seen[$2]++' packs.txt - >all.txt && mv all.txt packs.txt; fi

# ---- 2. Packs: open one into a file, look at the names in it, then unpack it ----

digest() {
    if has sha256sum; then sha256sum <"$1"
    elif has shasum; then shasum -a 256 <"$1"
    elif has openssl; then openssl dgst -sha256 -r <"$1"
    else printf '%s' "${1##*/}"  # age has checked it; nobody checks that it was not exchanged as a whole
    fi | sed 's/[^0-9a-f].*//'
}

# A pack holds plain files: those of its own keeping, and that keeping's tables.
is_good() {
    tar -tvf pack.tar 2>/dev/null | awk '!/^-/ || / -> / { bad = 1 } END { exit (bad || !NR) }' || return 1
    tar -tf pack.tar >names.txt 2>/dev/null
    awk -v writer="$1" '
        NR == 1 {
            keep = $0
            if (!sub(/^holdfast\/pack\//, "", keep) || !sub(/\.[a-z]+\.[0-9]+$/, "", keep)) bad = 1
            if (keep !~ /^[0-9]+-[0-9a-f]+$/) bad = 1
            if (writer != "?" && substr(keep, index(keep, "-") + 1) != writer) bad = 1
            next
        }
        $0 == "holdfast/padding" { next }
        /\/\// || /\/\.\.?(\/|$)/ || /\/$/ { bad = 1 }
        index($0, keep "/files/") == 1 || index($0, keep "/cut/") == 1 { next }
        /^holdfast\/[a-z]+\/[0-9a-z.-]+$/ && index($0, "/" keep ".") { next }
        { bad = 1 }
        END { exit (bad || !NR) }' names.txt
}

# Opens one pack, or says why not.  What is there already stays: no later pack can replace what an earlier one brought.
open_pack() {
    [ -f "$vault/packs/$2" ] || { why='it is missing'; return 1; }
    if ! "$age" -d -i "$identities" -o pack.tar "$vault/packs/$2" </dev/null 2>age.txt; then
        why=$(head -n 1 age.txt)
        grep -i -e 'no identity matched' -e 'no matching' age.txt >/dev/null && why=other
        return 1
    fi
    [ "$(digest "$vault/packs/$2")" = "$2" ] || { why='its bytes are not those that its name tells'; return 1; }
    is_good "$1" || { why='refused, it holds what does not belong there'; return 1; }
    LC_ALL=$language tar -xkf pack.tar 2>tar.txt || report "pack $2: tar says $(head -n 1 tar.txt)"
    rm -f holdfast/padding
    # Only tables and cut pieces are frames of ours; a .zst of the export stays as it is.
    sed -n -e '/^holdfast\/.*\.zst$/p' -e '/^[^\/]*\/cut\/[a-z]*\/[0-9]*\.zst$/p' names.txt >frames.txt
    if [ -s frames.txt ]; then
        xargs zstd -dq --rm <frames.txt 2>zstd.txt || report "pack $2: zstd says $(head -n 1 zstd.txt)"
    fi
}

opened=0 others=0 damaged=0 count=0
total=$(grep -c . packs.txt)
while read -r writer pack; do
    count=$((count + 1))
    progress "pack $count of $total"
    if open_pack "$writer" "$pack"; then
        opened=$((opened + 1))
    elif [ "$why" = other ]; then
        others=$((others + 1))
    else
        damaged=$((damaged + 1))
        report "pack $pack: $why"
    fi
    rm -f pack.tar
done <packs.txt
[ -z "$(find . ! -type d ! -type f)" ] || die 'something that is no file was unpacked'

# ---- 3. Members: sort the slices by name and place, check every word of them, then put them together ----

# Gives lines: D folder; F file; S piece offset length; E whole|part size; X name reason.  Names are for printf %b.
plan() {
    awk -F '\t' -v keep="$1" '
        BEGIN {
            for (b = 1; b < 256; b++)  # no NUL, colon or backslash, and nothing that is plain
                if (b != 58 && b != 92 && sprintf("%c", b) !~ /[A-Za-z0-9._~\/-]/)
                    octal[sprintf("%02X", b)] = sprintf("\\0%03o", b)
            writer = substr(keep, index(keep, "-"))
            name = "\n"
        }
        function spell(text,  n, k, parts, word) {
            if (text !~ /^[A-Za-z0-9._~\/%-]+$/ || text ~ /^\/|\/\/|(^|\/)\.\.?(\/|$)/) return ""
            n = split(text, parts, "%")
            word = parts[1]
            for (k = 2; k <= n; k++) {
                if (!(substr(parts[k], 1, 2) in octal)) return ""
                word = word octal[substr(parts[k], 1, 2)] substr(parts[k], 3)
            }
            return word
        }
        function locate(text,  from) {  # a cut piece or a whole member, of this keeping or another of the same writer
            from = substr(text, 1, index(text, "/") - 1)
            if (from !~ /^[0-9]+-[0-9a-f]+$/ || substr(from, index(from, "-")) != writer) return ""
            text = substr(text, length(from) + 1)
            if (text ~ /^\/cut\/[a-z]+\/[0-9]+(\.zst)?$/) sub(/\.zst$/, "", text)
            else if (text !~ /^\/files\/[0-9]+\/.*[^\/]$/) return ""
            return spell(from text)
        }
        function number(text) { return text ~ /^(0|[1-9][0-9]*)$/ && length(text) <= 15 }
        function finish(  whole) {
            if (name == "\n") return
            whole = (key in size) && at == size[key]
            if (bad) {
                gsub(/[^!-~]/, "?", name)
                print "X\t" (name == "" ? "?" : name) "\t" bad
            } else if (name !~ /\/$/) print "E\t" (whole ? "whole\t" size[key] : "part\t0")
        }
        function begin() {
            name = $1; key = $6 SUBSEP $7; at = 0; bad = ""
            word = spell(name)
            if (word == "" || index(name, $6 "/") != 1 || name !~ /^[0-9]+\/./) bad = "its name is no safe path"
            else print (name ~ /\/$/ ? "D\t" : "F\t") word
        }
        pass == 1 {
            if (!(($1, $2) in size)) size[$1, $2] = $4
            else if (size[$1, $2] != $4) size[$1, $2] = -1
            next
        }
        $1 != name { finish(); begin() }
        bad { next }
        !number($3) || !number($4) || !number($5) { bad = "a number of it is none"; next }
        key != $6 SUBSEP $7 && name !~ /\/$/ { bad = "two members have this name"; next }
        $2 == "-" && $4 == 0 { next }
        name ~ /\/$/ { bad = "it is a folder and has bytes"; next }
        $4 == 0 || (word = locate($2)) == "" { bad = "it lies in no safe place"; next }
        at >= 0 && $5 < at { bad = "its slices overlap"; next }
        { print "S\t" word "\t" $3 "\t" $4; at = at < 0 || $5 != at ? -1 : at + $4 }
        END { finish() }' pass=1 "$2" pass=2 "$3"
}

# Sets word; the dot keeps a newline at the end.
decode() {
    case $1 in
        *\\*) word=$(printf '%b.' "$1") word=${word%.} ;;
        *) word=$1 ;;
    esac
}

refuse() {
    refused=$((refused + 1))
    report "$keep/$1: refused, $2"
}

begin() {
    shown=$1
    decode "$1"
    name=$word
    exec 3>member
}

append() {
    decode "$1"
    if [ "$2" = 0 ]; then head -c "$3" "$word" >&3
    else tail -c "+$(($2 + 1))" "$word" | head -c "$3" >&3
    fi 2>/dev/null
}

# Moves a member from the work folder to its name, which must be free.
place() {
    if mkdir -p "${1%/*}" 2>/dev/null && [ ! -e "$1" ] && [ ! -h "$1" ] && mv member "$1" 2>/dev/null; then return 0; fi
    refuse "$shown" 'its name is taken, or none for this disk'
    return 1
}

finish() {
    exec 3>&-
    size=$(($(wc -c <member)))
    if [ "$1" = whole ] && [ "$size" = "$2" ]; then
        place "$out/$keep/$name" && whole=$((whole + 1))
    else
        incomplete=$((incomplete + 1))
        report "$keep/$shown: incomplete, $size bytes of it are here"
        [ "$size" = 0 ] || place "$out/incomplete/$keep/$name"
    fi
}

make_folder() {
    decode "$1"
    if mkdir -p "$out/$keep/$word" 2>/dev/null; then folders=$((folders + 1)); else refuse "$1" 'its name is taken'; fi
}

whole=0 incomplete=0 refused=0 folders=0
for keep in $(ls holdfast/snapshot 2>/dev/null | sed -n 's/^\([0-9][0-9]*-[0-9a-f]*\)\..*\.tsv$/\1/p' | sort -u); do
    progress "rebuilding $keep"
    cat holdfast/snapshot/"$keep".*.tsv | sort -t "$tab" -k 1,1 -k 5,5n -k 4,4n >slices.tsv
    cat holdfast/members/"$keep".*.tsv 2>/dev/null | sort -u | sort -t "$tab" -k 1,1n -k 2,2n >"$out/$keep.members.tsv"
    plan "$keep" "$out/$keep.members.tsv" slices.tsv >plan.tsv || die 'awk failed'
    while IFS=$tab read -r what one two three; do
        case $what in
            D) make_folder "$one" ;;
            F) begin "$one" ;;
            S) append "$one" "$two" "$three" ;;
            E) finish "$one" "$two" ;;
            X) refuse "$one" "$two" ;;
        esac
    done <plan.tsv
done

# ---- 4. What came of it ----

progress ''
printf '%s\n' \
    "members: $whole whole, $incomplete incomplete, $refused refused; empty folders: $folders" \
    "packs: $opened opened, $others of other epochs, $damaged damaged, missing or refused"
[ "$opened" != 0 ] || printf 'none of these identities opens anything here\n'
if [ -f report.txt ]; then mv report.txt "$out/report.txt" && printf 'more in %s/report.txt\n' "$3"; fi
[ "$opened" != 0 ] && [ "$refused" = 0 ] && [ "$damaged" = 0 ] && { [ "$incomplete" = 0 ] || [ "$others" != 0 ]; }
