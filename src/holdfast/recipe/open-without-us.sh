#!/bin/sh
# From age identities to the members of every keeping, without Holdfast.
#
#   sh open-without-us.sh [-a] IDENTITIES VAULT OUT
#
# IDENTITIES  a file of lines AGE-SECRET-KEY-PQ-1…, from identities.py
# VAULT       the folder that holds packs/ and log/
# OUT         a new or empty folder: it will hold plain text, so make it on a disk that you trust
# -a          also packs that no log names: what a keeping left behind that was cut off, or any pack if log/ is lost
#
# It needs tar, zstd, and age 1.3 or later; AGE=… names another program that takes the same arguments.
# It makes OUT/<keeping>/<container>/<path>, OUT/<keeping>.members.tsv and, if need be, OUT/incomplete and OUT/report.txt.
# It ends with 0 if all that was opened is whole, with 1 if something was refused, damaged or missing.
#
# It believes nothing that it reads: a pack is unpacked only after all of it is verified and every name in it is known
# to stay in its place, and a path in a table that is absolute, climbs or is spelled oddly is refused.
# It does not check the writer's signatures: whoever could write to VAULT could add a log of their own.
set -u
umask 077
unset CDPATH
tab=$(printf '\t')
age=${AGE:-age}
language=${LC_ALL:-${LC_CTYPE:-${LANG:-C.UTF-8}}}
LC_ALL=C
export LC_ALL

die() { printf '%s\n' "$1" >&2; exit 2; }
report() { printf '%s\n' "$1" >>report.txt; }
progress() { [ ! -t 2 ] || printf '\r%s ' "$1" >&2; }
absolute() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s/%s' "$(pwd)" "$1" ;; esac; }

# ---- 1. what is there ----

all=
[ "${1-}" != -a ] || { all=yes; shift; }
[ $# = 3 ] || die 'usage: sh open-without-us.sh [-a] IDENTITIES VAULT OUT'
for program in "$age" tar zstd; do
    command -v "$program" >/dev/null || die "this needs the program $program"
done
identities=$(absolute "$1") vault=$(absolute "$2") out=$(absolute "$3")
[ -r "$identities" ] || die "cannot read $1"
[ -d "$vault/packs" ] || die "$2 holds no folder packs"
[ ! -h "$out" ] && mkdir -p "$out" && [ -z "$(ls -A "$out")" ] || die "$3 must be a new or empty folder"
mkdir "$out/work" && cd "$out/work" || die "cannot write to $3"
work=$(pwd)

digest() {
    if command -v sha256sum >/dev/null; then sha256sum <"$1"
    elif command -v shasum >/dev/null; then shasum -a 256 <"$1"
    else openssl dgst -sha256 -r <"$1"
    fi | sed 's/[^0-9a-f].*//'
}

# A line for each pack in the order of the log: the first 8 digits of its writer's key, and its name.
list_packs() {
    for commit in "$vault"/log/*/*; do
        [ -f "$commit" ] || continue
        writer=${commit%/*} writer=${writer##*/}
        tr -d '\000' <"$commit" | sed -n "s/^pack \([0-9a-f]\{64\}\) [0-9]*\$/$(printf '%.8s' "$writer") \1/p"
    done | awk '!seen[$2]++'
}

list_packs >packs.txt
if [ -n "$all" ] || [ ! -s packs.txt ]; then
    [ -s packs.txt ] || { report 'no log: every pack is taken'; printf 'no log: every pack is taken\n' >&2; }
    ls "$vault/packs" | sed -n 's/^\([0-9a-f]\{64\}\)$/? \1/p' | awk '!seen[$2]++' packs.txt - >all.txt
    mv all.txt packs.txt
fi

# ---- 2. packs: open one to a file, look at its names, then unpack it ----

# A pack may hold its own keeping's files and tables and nothing else; a keeping is named after its writer.
names_are_good() {
    ! tar -tvf pack.tar 2>/dev/null | grep -v '^-' >/dev/null || return 1
    tar -tf pack.tar 2>/dev/null | awk -v writer="$1" '
        NR == 1 {
            keep = $0
            if (!sub(/^holdfast\/pack\//, "", keep) || !sub(/\.[a-z]+\.[0-9]+$/, "", keep)) exit bad = 1
            if (keep !~ /^[0-9]+-[0-9a-f]+$/ || writer != "?" && substr(keep, index(keep, "-") + 1) != writer) exit bad = 1
            next
        }
        $0 == "holdfast/padding" { next }
        /\/\// || /\/\.\.?(\/|$)/ || /\/$/ { exit bad = 1 }
        index($0, keep "/files/") == 1 || index($0, keep "/cut/") == 1 { next }
        /^holdfast\/[a-z]+\/[0-9a-z.-]+$/ && index($0, "/" keep ".") { next }
        { exit bad = 1 }
        END { exit bad || !NR }'
}

opened=0 others=0 refused=0 damaged=0 count=0
total=$(grep -c . packs.txt)
while read -r writer pack; do
    count=$((count + 1))
    progress "pack $count of $total"
    if [ ! -f "$vault/packs/$pack" ]; then
        damaged=$((damaged + 1))
        report "pack $pack: missing"
    elif ! "$age" -d -i "$identities" -o pack.tar "$vault/packs/$pack" </dev/null 2>age.txt; then
        if grep -i -e 'no identity matched' -e 'no matching' age.txt >/dev/null; then
            others=$((others + 1))
        else
            damaged=$((damaged + 1))
            report "pack $pack: $(head -n 1 age.txt)"
        fi
    elif [ "$(digest "$vault/packs/$pack")" != "$pack" ]; then
        damaged=$((damaged + 1))
        report "pack $pack: its bytes are not those that its name tells"
    elif ! names_are_good "$writer"; then
        refused=$((refused + 1))
        report "pack $pack: refused, it holds what does not belong there"
    else
        opened=$((opened + 1))
        # What is there already stays: a later pack cannot replace what an earlier one brought.
        LC_ALL=$language tar -xkf pack.tar 2>tar.txt || report "pack $pack: tar says $(head -n 1 tar.txt)"
        rm -f holdfast/padding
    fi
    rm -f pack.tar
done <packs.txt
[ -z "$(find . ! -type d ! -type f)" ] || die 'something that is no file was unpacked: stop here'

# ---- 3. frames: only our own tables and cut pieces, never a .zst of the export ----

progress 'unpacking           '
for folder in holdfast [0-9]*-*/cut; do
    [ ! -d "$folder" ] || find "$folder" -type f -name '*.zst' -exec zstd -dq --rm {} + 2>>zstd.txt
done
[ ! -s zstd.txt ] || { damaged=$((damaged + 1)); report "zstd says $(head -n 1 zstd.txt)"; }

# ---- 4. members: sort the slices by name and place, check every word, and put them together ----

# Gives a plan: D folder | F file | S piece offset length | E whole-or-part size | X name reason; names are ready for printf %b.
plan() {
    awk -F '\t' -v keep="$1" '
        BEGIN {
            for (b = 1; b < 256; b++) {
                plain = sprintf("%c", b) ~ /[A-Za-z0-9._~\/-]/
                if (!plain && b != 58 && b != 92) octal[sprintf("%02X", b)] = sprintf("\\0%03o", b)
            }
            writer = substr(keep, index(keep, "-"))
        }
        function spell(text,  n, k, part, word) {
            if (text !~ /^[A-Za-z0-9._~\/%-]+$/ || text ~ /^\// || text ~ /\/\// || text ~ /(^|\/)\.\.?(\/|$)/) return ""
            n = split(text, part, "%")
            word = part[1]
            for (k = 2; k <= n; k++) {
                if (!(substr(part[k], 1, 2) in octal)) return ""
                word = word octal[substr(part[k], 1, 2)] substr(part[k], 3)
            }
            return word
        }
        function locate(text,  from) {
            if (text ~ /\/cut\// && text !~ /^[0-9]+-[0-9a-f]+\/cut\/[a-z]+\/[0-9]+(\.zst)?$/) return ""
            if (text !~ /^[0-9]+-[0-9a-f]+\/(cut|files\/[0-9]+)\/./ || text ~ /\/$/) return ""
            from = substr(text, 1, index(text, "/") - 1)
            if (substr(from, index(from, "-")) != writer) return ""
            if (text ~ /^[^\/]+\/cut\//) sub(/\.zst$/, "", text)
            return spell(text)
        }
        function number(text) { return text ~ /^(0|[1-9][0-9]*)$/ && length(text) <= 15 }
        function finish() {
            if (name == "" || name ~ /\/$/) return
            if (bad) print "X\t" name "\t" bad
            else print "E\t" (at >= 0 && at == size[key] ? "whole" : "part") "\t" (size[key] == "" ? 0 : size[key])
        }
        part == 1 {
            if (!number($4)) next
            if (!(($1, $2) in size)) size[$1, $2] = $4
            else if (size[$1, $2] != $4) size[$1, $2] = -1
            next
        }
        $1 != name {
            finish()
            name = $1; key = $6 SUBSEP $7; at = 0; bad = ""
            word = spell(name)
            if (word == "" || index(name, $6 "/") != 1 || name !~ /^[0-9]+\/./) bad = "its name is refused"
            else print (name ~ /\/$/ ? "D" : "F") "\t" word
        }
        {
            if (bad) next
            if (!number($3) || !number($4) || !number($5) || key != $6 SUBSEP $7 && name !~ /\/$/) bad = "its slices disagree"
            else if ($4 == 0) { if ($2 != "-") bad = "a slice of no bytes" }
            else if (name ~ /\/$/) bad = "a folder with bytes"
            else if ((word = locate($2)) == "") bad = "its piece is refused"
            else if (at >= 0 && $5 < at) bad = "its slices overlap"
            else {
                print "S\t" word "\t" $3 "\t" $4
                at = at < 0 || $5 != at ? -1 : at + $4
            }
            if (bad && name ~ /\/$/) print "X\t" name "\t" bad
        }
        END { finish() }' part=1 "$2" part=2 "$3"
}

decode() {
    case $1 in
        *\\*) word=$(printf '%b.' "$1") word=${word%.} ;;
        *) word=$1 ;;
    esac
}

append() {
    decode "$1"
    if [ ! -f "$word" ]; then lacks=yes
    elif [ "$2" = 0 ]; then head -c "$3" "./$word" >&3
    else tail -c "+$(($2 + 1))" "./$word" | head -c "$3" >&3
    fi
}

# A member is made in the work folder and moved to its name, which must be free.
place() {
    if ! mkdir -p "${1%/*}" 2>/dev/null || [ -e "$1" ] || [ -h "$1" ] || ! mv member "$1" 2>/dev/null; then
        refused=$((refused + 1))
        report "${1#"$out/"}: its place is taken, or no name for this disk"
        return 1
    fi
}

finish() {
    exec 3>&-
    size=$(($(wc -c <member)))
    if [ "$1" = whole ] && [ -z "$lacks" ] && [ "$size" = "$2" ]; then
        place "$out/$keep/$name" && whole=$((whole + 1))
    else
        incomplete=$((incomplete + 1))
        report "$keep/$name: incomplete, $size bytes are here"
        [ "$size" = 0 ] || place "$out/incomplete/$keep/$name"
    fi
}

refuse() {
    exec 3>&-
    refused=$((refused + 1))
    report "$keep/$1: refused, $2"
}

whole=0 incomplete=0 folders=0
for keep in $(ls holdfast/snapshot 2>/dev/null | sed -n 's/^\([0-9]*-[0-9a-f]*\)\..*\.tsv$/\1/p' | sort -u); do
    progress "rebuilding $keep    "
    cat holdfast/snapshot/"$keep".*.tsv | sort -t "$tab" -k 1,1 -k 5,5n -k 4,4n >slices.tsv
    cat holdfast/members/"$keep".*.tsv 2>/dev/null | sort -u >"$out/$keep.members.tsv"
    plan "$keep" "$out/$keep.members.tsv" slices.tsv >plan.tsv || die 'cannot run awk'
    while IFS=$tab read -r what one two three; do
        case $what in
            D) decode "$one" && mkdir -p "$out/$keep/$word" 2>/dev/null && folders=$((folders + 1)) || refuse "$one" 'its place is taken' ;;
            F) decode "$one" && name=$word lacks= && exec 3>member ;;
            S) append "$one" "$two" "$three" ;;
            E) finish "$one" "$two" ;;
            X) refuse "$one" "$two" ;;
        esac
    done <plan.tsv
done

# ---- 5. what came of it ----

[ ! -f report.txt ] || mv report.txt "$out/report.txt"
cd "$out" && rm -rf "$work"
progress '                                        '
printf '%s\n' \
    "members whole: $whole    folders: $folders    incomplete: $incomplete    refused: $refused" \
    "packs opened: $opened    of other epochs: $others    damaged or missing: $damaged"
[ ! -f report.txt ] || printf 'more in %s/report.txt\n' "$3"
[ "$opened" != 0 ] || printf 'none of these identities opens anything here\n'
[ "$opened" != 0 ] && [ "$refused$damaged" = 00 ] && { [ "$incomplete" = 0 ] || [ "$others" != 0 ]; }
