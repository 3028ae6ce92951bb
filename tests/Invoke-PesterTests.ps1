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
    [string[]] $File = '*.Tests.ps1',

    # Only on this version of Pester; on each that eng/Restore-Pester.ps1 brings unless given.
    [string] $PesterVersion
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$suite = Join-Path $PSScriptRoot Pester
$manifests = @(& (Join-Path $PSScriptRoot ../eng/Restore-Pester.ps1) | Where-Object { -not $PesterVersion -or $_ -like "*/$PesterVersion/*" })
if (-not $manifests) {
    throw "Pester $PesterVersion is not among the versions that eng/Restore-Pester.ps1 brings."
}
$pwsh, $leading = & (Join-Path $PSScriptRoot ../eng/Get-PowerShellCommand.ps1)
$leading = @($leading)

$service = [IO.Path]::GetFullPath("$PSScriptRoot/../out/test-service")
& dotnet build (Join-Path $PSScriptRoot Agb.PowerShell.TestService) --output $service --configuration Release --nologo --verbosity quiet |
    Out-Host
if ($LASTEXITCODE -ne 0) {
    throw "The test service does not build (exit code $LASTEXITCODE)."
}

# Runs files of the suite in a process of its own and emits the counts.
function Invoke-Suite([string] $Name, [string] $Pester, [string[]] $Pattern, [string[]] $Option) {
    $resultFile = Join-Path $Results "$Name.json"
    $arguments = @('-NoProfile', '-NonInteractive', '-File', (Join-Path $suite Invoke-Suite.ps1), '-ResultFile', $resultFile) +
        @('-Pester', $Pester, '-Pattern', ($Pattern -join ',')) + $Option
    & $pwsh @leading @arguments | Out-Host
    if (-not (Test-Path $resultFile)) {
        Write-Host "The Pester run '$Name' ended before it wrote its result: counted as one failure."
        return [pscustomobject]@{ Passed = 0; Failed = 1; Skipped = 0; Names = @("the Pester run '$Name'") }
    }
    Get-Content $resultFile -Raw | ConvertFrom-Json
}

foreach ($manifest in $manifests) {
    $version = (Import-PowerShellDataFile $manifest).ModuleVersion
    Invoke-Suite -Name "pester-$version" -Pester $manifest -Pattern $File
}
if ($File -eq '*.Tests.ps1') {
    # The main job once more, through a server on loopback.
    $mainJob = 'Guide', 'Sessions', 'Running', 'Streaming', 'Policy', 'BadInput', 'Terminal' | ForEach-Object { "$_.Tests.ps1" }
    Invoke-Suite -Name pester-server -Pester $manifests[-1] -Pattern $mainJob -Option '-ThroughServer'
}
