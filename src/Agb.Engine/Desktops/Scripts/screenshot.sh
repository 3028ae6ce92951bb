# Prints the size of the screen in a line, and then the picture in the format $1. Screens compress well with little effort.
xdotool getdisplaygeometry || exit 90
exec import -silent -window root -define png:compression-level=1 -define png:compression-filter=0 "$1:-"
