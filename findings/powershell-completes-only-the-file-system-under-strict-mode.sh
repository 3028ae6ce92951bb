#!/usr/bin/env bash
# PowerShell 7.6.9, paths on drives of other providers than the file system.
# Expected: Tab completes 'Get-Item env:PAT' and 'Get-Item env:[' as it completes files: to what matches, or to nothing, and without an error.
# Seen: under Set-StrictMode the first throws, since completion reads a property PSChildName that variables of the environment lack. The
#   beginning of a name with a bracket throws in any mode: it is read as a pattern. On the file system both complete.
# For users: scripts that complete in strict mode (tests, editors' hosts) must be ready for exceptions on such drives.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 POWERSHELL_TELEMETRY_OPTOUT=1
dotnet tool install --tool-path "$work/tool" PowerShell --version 7.6.9 >/dev/null || exit 77
mkdir "$work/files"
touch "$work/files/PATH.txt" "$work/files/[a].txt"
FILES="$work/files" "$work/tool/pwsh" -NoProfile -Command '
    "PowerShell $($PSVersionTable.PSVersion)"
    function Complete([string] $Line) {
        try { "$($Line -replace [regex]::Escape($env:FILES), "files"): $([System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.Count) matches" }
        catch { "$($Line -replace [regex]::Escape($env:FILES), "files"): throws $($_.Exception.InnerException.GetType().Name)" }
    }
    Complete "Get-Item env:PAT"
    Complete "Get-Item env:["
    Complete "Get-Item $env:FILES/["
    Set-StrictMode -Version Latest
    Complete "Get-Item $env:FILES/PAT"
    Complete "Get-Item env:PAT"' | tee "$work/seen"
grep -q '^Get-Item env:PAT: [1-9]' "$work/seen" &&
    grep -q '^Get-Item env:\[: throws' "$work/seen" &&
    grep -q '^Get-Item files/\[: 1' "$work/seen" &&
    grep -q '^Get-Item files/PAT: 1' "$work/seen" &&
    grep -q '^Get-Item env:PAT: throws' "$work/seen"
