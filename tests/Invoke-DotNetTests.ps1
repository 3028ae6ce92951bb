<#
.SYNOPSIS
    Runs every xUnit suite and emits how many tests passed, failed and were skipped, and the names of those that failed.
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
& dotnet build $solution --configuration $Configuration --nologo --verbosity quiet | Out-Host
if ($LASTEXITCODE -ne 0) {
    Write-Host "The solution does not build: counted as one failure."
    return [pscustomobject]@{ Passed = 0; Failed = 1; Skipped = 0; Names = @('the build of the solution') }
}

# The suites wait for disks and processes much of their time, so two run at once; the longest one begins.
$suites = Get-ChildItem $PSScriptRoot/*.Tests/*.csproj | Sort-Object { $_.BaseName -ne 'Agb.Engine.Tests' }, BaseName
$suites | ForEach-Object -ThrottleLimit 2 -Parallel {
    $name = $_.BaseName
    $trx = Join-Path $using:Results "$name.trx"
    $output = & dotnet test $_.FullName --no-build --configuration $using:Configuration --nologo `
        --logger "trx;LogFileName=$name.trx" --results-directory $using:Results 2>&1
    $exitCode = $LASTEXITCODE
    Write-Host ($output -join [Environment]::NewLine)

    $passed = $failed = $skipped = 0
    $names = @()
    if (Test-Path $trx) {
        $run = ([xml] (Get-Content $trx -Raw)).TestRun
        $counters = $run.ResultSummary.Counters
        $passed = [int] $counters.passed
        $failed = [int] $counters.failed + [int] $counters.error + [int] $counters.timeout + [int] $counters.aborted
        $skipped = [int] $counters.total - [int] $counters.executed
        $names = @($run.Results.ChildNodes | Where-Object outcome -NotIn Passed, NotExecuted | ForEach-Object testName)
    }
    if ($exitCode -ne 0 -and $failed -eq 0) {
        # A suite that ends early leaves no failed test behind; it must count all the same.
        $failed = 1
        $names = @("$name ended with exit code $exitCode although no test failed")
    }
    [pscustomobject]@{ Passed = $passed; Failed = $failed; Skipped = $skipped; Names = $names }
}
