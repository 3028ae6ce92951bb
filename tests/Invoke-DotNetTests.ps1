<#
.SYNOPSIS
    Runs every xUnit suite of the solution and emits how many tests passed, failed and were skipped.
#>
[CmdletBinding()]
param(
    # An empty directory for the result files.
    [Parameter(Mandatory)]
    [string] $Results,

    [string] $Configuration = 'Debug'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$solution = [IO.Path]::GetFullPath("$PSScriptRoot/../Agb.PowerShell.sln")
& dotnet test $solution --configuration $Configuration --nologo --logger 'trx;LogFilePrefix=xunit' --results-directory $Results |
    Out-Host
$exitCode = $LASTEXITCODE

$passed = $failed = $skipped = 0
foreach ($file in Get-ChildItem $Results -Filter *.trx) {
    $counters = ([xml] (Get-Content $file -Raw)).TestRun.ResultSummary.Counters
    $passed += [int] $counters.passed
    $failed += [int] $counters.failed + [int] $counters.error + [int] $counters.timeout + [int] $counters.aborted
    $skipped += [int] $counters.total - [int] $counters.executed
}
if ($exitCode -ne 0 -and $failed -eq 0) {
    # A suite that does not build or ends early leaves no failed test behind; it must count all the same.
    Write-Host "dotnet test ended with exit code $exitCode although no test failed: counted as one failure."
    $failed = 1
}
[pscustomobject]@{ Passed = $passed; Failed = $failed; Skipped = $skipped }
