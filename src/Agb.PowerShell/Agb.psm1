# The module is the built assembly. This script is its root only in a checkout, to report a missing build.
$assembly = [IO.Path]::GetFullPath("$PSScriptRoot/../../out/module/Agb.PowerShell.dll")
if (-not [IO.File]::Exists($assembly)) {
    $build = [IO.Path]::GetFullPath("$PSScriptRoot/../../build.ps1")
    throw "Agb is not built: '$assembly' does not exist. Run '$build' and import the module again."
}
Import-Module -Name $assembly
