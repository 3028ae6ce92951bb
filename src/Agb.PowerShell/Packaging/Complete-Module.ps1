<#
.SYNOPSIS
    Completes a directory with built assemblies and help to a self-contained module folder: manifest, formats, types,
    licence, README.
.DESCRIPTION
    The manifest is the repository's, with the paths of a module folder and with release notes from CHANGELOG.md. Native
    libraries stay for systems with sandboxes: x64 and arm64, glibc and musl.
#>
[CmdletBinding()]
param(
    # The output directory of the build.
    [Parameter(Mandatory)]
    [string] $Module
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetFullPath("$PSScriptRoot/../../..")

# Replaces text in the manifest. Missing text is an error: a partly rewritten manifest would fail only for the user.
function Edit-Text([string] $Text, [string] $Old, [string] $New) {
    if (-not $Text.Contains($Old)) {
        throw "Agb.psd1 does not contain '$Old', a text replaced by packaging."
    }
    $Text.Replace($Old, $New)
}

$version = (Import-PowerShellDataFile "$root/Agb.psd1").ModuleVersion
$notes = [regex]::Match(
    (Get-Content "$root/CHANGELOG.md" -Raw), "(?s)\n## \[$([regex]::Escape($version))\][^\n]*\n(.*?)(?=\n## |\z)").Groups[1].Value.Trim()
if (-not $notes) {
    throw "CHANGELOG.md has no section for version $version."
}

$manifest = Get-Content "$root/Agb.psd1" -Raw
$manifest = Edit-Text -Text $manifest -Old "'src/Agb.PowerShell/Agb.psm1'" -New "'Agb.PowerShell.dll'"
$manifest = Edit-Text -Text $manifest -Old "'src/Agb.PowerShell/Formatting/" -New "'"
$manifest = Edit-Text -Text $manifest -Old '        PSData = @{' -New "        PSData = @{
            ReleaseNotes = '$($notes.Replace("'", "''"))'"
Set-Content "$Module/Agb.psd1" $manifest.TrimEnd()

Copy-Item "$root/src/Agb.PowerShell/Formatting/*.ps1xml", "$root/src/Agb.PowerShell/Pester/Agb.Pester.psm1", "$root/src/Agb.PowerShell/Dsc/*", "$root/LICENSE", "$root/README.md", "$root/CHANGELOG.md", "$PSScriptRoot/THIRD-PARTY.md" $Module

# Publishing adds SQLite for every supported system: most of the module's size.
$systems = 'linux-x64', 'linux-arm64', 'linux-musl-x64', 'linux-musl-arm64'
$unused = Get-ChildItem "$Module/runtimes" -Directory | Where-Object Name -NotIn $systems
$unused | Remove-Item -Recurse -Force
# PowerShell ignores a list of dependencies; the server needs its own.
Remove-Item "$Module/Agb.PowerShell.deps.json"
