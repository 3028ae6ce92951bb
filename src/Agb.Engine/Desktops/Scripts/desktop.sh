# Before each script: starts the desktop's programs unless they run. $DISPLAY names the display.
: "${DISPLAY:=:99}"
export DISPLAY
folder=/var/tmp/.agb-desktop

# Whether a program of the desktop runs: by the recorded process id and the name of that process (proc(5), stat).
runs() {
    { read -r pid < "$folder/$1.pid" && read -r stat < "/proc/$pid/stat"; } 2>/dev/null || return 1
    case $stat in
        *"($1) Z "*) return 1 ;;
        *"($1) "*) return 0 ;;
        *) return 1 ;;
    esac
}

# Records a process id. Files are written under another name first: a call may end at any moment.
record() { echo "$2" > "$folder/$1.$$" && mv "$folder/$1.$$" "$folder/$1.pid"; }

# Whether a program runs whose record was lost: $2 is a part of its command line (proc(5), cmdline). Records it again.
finds() {
    for process in /proc/[0-9]*; do
        { read -r stat < "$process/stat"; } 2>/dev/null || continue
        case $stat in *"($1) Z "*) continue ;; *"($1) "*) ;; *) continue ;; esac
        case $(tr '\0' ' ' < "$process/cmdline" 2>/dev/null) in *"$2 "*) record "$1" "${process#/proc/}"; return ;; esac
    done
    return 1
}

# Ends with the last words of a program.
fail() {
    {
        echo "$1 did not start."
        tail -c 2000 "$folder/$1.log" | tail -n 5
    } >&2
    for program in openbox Xvfb; do
        runs "$program" && kill -KILL "$pid"
    done
    exit 90
}

# Whether the window manager answers. A window that opens before the list exists may stay unmanaged.
is_managed() {
    case $(xprop -root _NET_SUPPORTING_WM_CHECK _NET_CLIENT_LIST 2>/dev/null) in
        *_CHECK*"# 0x"*_LIST*"#"*) return 0 ;;
        *) return 1 ;;
    esac
}

configure() {
    cat > "$folder/openbox.xml.$$" <<EOF && mv "$folder/openbox.xml.$$" "$folder/openbox.xml"
<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>$1</focusNew><focusLast>yes</focusLast></focus>
  <placement><policy>Smart</policy><center>yes</center></placement>
  <theme><name>Clearlooks</name><titleLayout>NLIMC</titleLayout></theme>
  <desktops><number>1</number><popupTime>0</popupTime></desktops>
  <keyboard>
    <keybind key="A-F4"><action name="Close"/></keybind>
    <keybind key="A-Tab"><action name="NextWindow"><finalactions><action name="Focus"/><action name="Raise"/></finalactions></action></keybind>
  </keyboard>
  <mouse>
    <context name="Titlebar">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Left" action="Drag"><action name="Move"/></mousebind>
      <mousebind button="Left" action="DoubleClick"><action name="ToggleMaximize"/></mousebind>
    </context>
    <context name="Left Right Top Bottom TLCorner TRCorner BLCorner BRCorner">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Left" action="Drag"><action name="Resize"/></mousebind>
    </context>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Middle" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
      <mousebind button="Right" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
    <context name="Close"><mousebind button="Left" action="Click"><action name="Close"/></mousebind></context>
    <context name="Maximize"><mousebind button="Left" action="Click"><action name="ToggleMaximize"/></mousebind></context>
    <context name="Iconify"><mousebind button="Left" action="Click"><action name="Iconify"/></mousebind></context>
  </mouse>
</openbox_config>
EOF
}

# One at a time. The lock is not inherited by the programs.
start() {
    mkdir -p -m 700 "$folder" || exit 90
    exec 9> "$folder/lock" || exit 90
    flock 9
    if ! runs Xvfb && ! { xprop -root _NET_CLIENT_LIST >/dev/null 2>&1 && finds Xvfb "Xvfb $DISPLAY"; }; then
        # The server closes descriptor 3 when it takes connections, and at its end. Without -noreset it would restart when the last
        # client leaves; with -nolisten local it has no abstract socket, which a network namespace alone would guard.
        number=$(
            setsid Xvfb "$DISPLAY" -screen 0 1920x1080x24 -nolisten tcp -nolisten local -noreset -displayfd 3 \
                3>&1 9>&- </dev/null >"$folder/Xvfb.log" 2>&1 &
            record Xvfb $!
        )
        [ -n "$number" ] || fail Xvfb
        rm -f "$folder/characters"
    fi
    if ! runs openbox && ! finds openbox "openbox --sm-disable"; then
        [ -s "$folder/openbox.xml" ] || configure yes
        # Left by a killed one.
        xprop -root -remove _NET_SUPPORTING_WM_CHECK -remove _NET_CLIENT_LIST 2>/dev/null
        setsid openbox --sm-disable --config-file "$folder/openbox.xml" 9>&- </dev/null >"$folder/openbox.log" 2>&1 &
        record openbox $!
        count=0
        until is_managed; do
            kill -0 $! 2>/dev/null && [ $count -lt 1500 ] || fail openbox
            count=$((count + 1))
            sleep 0.01
        done
    fi
    exec 9>&-
}

runs Xvfb && runs openbox || start
