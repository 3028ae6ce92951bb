# The module is the built assembly; this script is its root only so that a checkout that was not built says so.
$assembly = [IO.Path]::GetFullPath("$PSScriptRoot/../../out/module/Agb.PowerShell.dll")
if (-not [IO.File]::Exists($assembly)) {
    $build = [IO.Path]::GetFullPath("$PSScriptRoot/../../build.ps1")
    throw "Agb is not built: '$assembly' does not exist. Run '$build' and import the module again."
}
Import-Module -Name $assembly
