# Runs xdotool with the arguments: actions of the mouse and the keyboard.
exec xdotool "$@"
