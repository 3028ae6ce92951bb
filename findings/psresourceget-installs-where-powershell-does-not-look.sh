#!/usr/bin/env bash
# PowerShell 7.6.9 with its own Microsoft.PowerShell.PSResourceGet 1.2.
# Expected: Install-PSResource for the current user puts a module into the user's directory of PSModulePath, so that it is found at once.
# Seen: with XDG_DATA_HOME set, PowerShell looks below it, and PSResourceGet installs below HOME/.local/share all the same. Get-InstalledPSResource shows
#   the module, Get-Module -ListAvailable does not, and its commands are not found.
# For users: leave XDG_DATA_HOME unset for PowerShell, or use Save-PSResource -Path with a directory of PSModulePath.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 POWERSHELL_TELEMETRY_OPTOUT=1
dotnet tool install --tool-path "$work/tool" PowerShell --version 7.6.9 >/dev/null || exit 77
mkdir -p "$work/home/data" "$work/module/Small" "$work/packages"
cd "$work" || exit 77
said=$(env -u PSModulePath HOME="$work/home" XDG_DATA_HOME="$work/home/data" WORK="$work" "$work/tool/pwsh" -NoProfile -Command '
    $ErrorActionPreference = "Stop"
    Set-Content $env:WORK/module/Small/Small.psm1 "function Get-Small { 1 }"
    New-ModuleManifest $env:WORK/module/Small/Small.psd1 -RootModule Small.psm1 -FunctionsToExport Get-Small -Author someone -Description small
    Register-PSResourceRepository Local -Uri $env:WORK/packages -Trusted
    Publish-PSResource -Path $env:WORK/module/Small -Repository Local
    Install-PSResource Small -Repository Local
    "PowerShell $($PSVersionTable.PSVersion), PSResourceGet $((Get-Module Microsoft.PowerShell.PSResourceGet).Version)"
    "installed: $((Get-InstalledPSResource Small).InstalledLocation.Replace($env:HOME, "HOME"))"
    "user directory of PSModulePath: $(($env:PSModulePath -split ":")[0].Replace($env:HOME, "HOME"))"
    "found by PowerShell: $([bool] (Get-Module Small -ListAvailable))"')
echo "$said"
echo "$said" | grep -q '^installed: HOME/.local/share/powershell/Modules' && echo "$said" | grep -q '^user directory of PSModulePath: HOME/data/powershell/Modules' &&
    echo "$said" | grep -q '^found by PowerShell: False'
