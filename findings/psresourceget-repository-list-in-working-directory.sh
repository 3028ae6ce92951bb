#!/usr/bin/env bash
# PowerShell 7.6.9 with its own Microsoft.PowerShell.PSResourceGet 1.2.
# Expected: with XDG_DATA_HOME set to a directory that does not exist yet, the list of repositories is made below it, since the XDG base
#   directory specification has programs create it.
# Seen: PSResourceGet/PSResourceRepository.xml is made in the working directory. Environment.GetFolderPath answers an empty text for a
#   directory that does not exist, and a relative path follows from it.
# For users: a fresh account, container or CI job whose XDG_DATA_HOME is not made yet has one list of repositories for each working directory.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 POWERSHELL_TELEMETRY_OPTOUT=1
dotnet tool install --tool-path "$work/tool" PowerShell --version 7.6.9 >/dev/null || exit 77
mkdir "$work/cwd" "$work/packages" "$work/home"
cd "$work/cwd" || exit 77
PACKAGES="$work/packages" HOME="$work/home" XDG_DATA_HOME="$work/home/data" "$work/tool/pwsh" -NoProfile -Command '
    "PowerShell $($PSVersionTable.PSVersion), PSResourceGet $((Import-Module Microsoft.PowerShell.PSResourceGet -PassThru).Version)"
    Register-PSResourceRepository Local -Uri $env:PACKAGES -Trusted'
found=$(cd "$work" && find cwd home -name PSResourceRepository.xml)
echo "the list of repositories: ${found:-none}"
[ "$found" = cwd/PSResourceGet/PSResourceRepository.xml ]
