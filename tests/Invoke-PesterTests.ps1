<#
.SYNOPSIS
    Runs the Pester suite against the built module, in a process of its own, and emits how many tests passed, failed and
    were skipped, and the names of those that failed.
#>
[CmdletBinding()]
param(
    # An existing directory for the result file.
    [Parameter(Mandatory)]
    [string] $Results,

    # Only these files of tests/Pester; all unless given.
    [string[]] $File = '*.Tests.ps1'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$pesterVersion = '5.5.0'
$suite = Join-Path $PSScriptRoot Pester

function Test-Pester {
    $null -ne (Get-Module Pester -ListAvailable | Where-Object { $_.Version -ge $pesterVersion -and $_.Version.Major -eq 5 })
}

if (-not (Test-Pester)) {
    Write-Host "Pester 5 from $pesterVersion on is missing; installing it from the PowerShell Gallery for this user."
    try {
        Install-PSResource Pester -Version "[$pesterVersion,6.0)" -Repository PSGallery -TrustRepository -Scope CurrentUser
    }
    catch {
        Write-Host "It can't be installed: $_"
    }
}
if (-not (Test-Pester)) {
    $count = @(Select-String -Path (Join-Path $suite *.Tests.ps1) -Pattern '^\s*It ').Count
    Write-Host "Pester is missing and was not to be had from the gallery: its $count tests count as skipped."
    return [pscustomobject]@{ Passed = 0; Failed = 0; Skipped = $count; Names = @() }
}

$service = [IO.Path]::GetFullPath("$PSScriptRoot/../out/test-service")
& dotnet build (Join-Path $PSScriptRoot Agb.PowerShell.TestService) --output $service --configuration Release --nologo --verbosity quiet |
    Out-Host
if ($LASTEXITCODE -ne 0) {
    throw "The test service does not build (exit code $LASTEXITCODE)."
}

# Runs files of the suite in a process of its own and emits the counts.
function Invoke-Suite([string] $Name, [string[]] $Pattern, [string[]] $Option) {
    $resultFile = Join-Path $Results "$Name.json"
    $arguments = @('-NoProfile', '-NonInteractive', '-File', (Join-Path $suite Invoke-Suite.ps1), '-ResultFile', $resultFile) +
        @('-Pattern', ($Pattern -join ',')) + $Option
    & (Get-Process -Id $PID).Path @arguments | Out-Host
    if (-not (Test-Path $resultFile)) {
        Write-Host "The Pester run '$Name' ended before it wrote its result: counted as one failure."
        return [pscustomobject]@{ Passed = 0; Failed = 1; Skipped = 0; Names = @("the Pester run '$Name'") }
    }
    Get-Content $resultFile -Raw | ConvertFrom-Json
}

Invoke-Suite -Name pester -Pattern $File
if ($File -eq '*.Tests.ps1') {
    # The main job once more, through a server on loopback.
    $mainJob = 'Guide', 'Sessions', 'Running', 'Streaming', 'Policy', 'BadInput', 'Terminal' | ForEach-Object { "$_.Tests.ps1" }
    Invoke-Suite -Name pester-server -Pattern $mainJob -Option '-ThroughServer'
}
