<#
.SYNOPSIS
    Runs the files of this directory with Pester and writes the counts to a file. Meant for a process of its own, so that
    nothing of the caller's session reaches the tests.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $ResultFile,

    # The manifest of the Pester to run on.
    [Parameter(Mandatory)]
    [string] $Pester,

    # File names, separated by commas.
    [string] $Pattern = '*.Tests.ps1',

    # Leave out what is about the embedded service alone. Such tests count as nothing.
    [switch] $ThroughServer
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

Import-Module $Pester
$configuration = New-PesterConfiguration
$configuration.Run.Path = @($Pattern -split ',' | ForEach-Object { Join-Path $PSScriptRoot $_ })
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.RenderMode = 'Plaintext'
if ($ThroughServer) {
    $env:AGB_TEST_SERVER = '1'
    $configuration.Filter.ExcludeTag = 'Embedded'
}
$run = Invoke-Pester -Configuration $configuration

# A file or block that fails before its tests run has no failed test, so it is counted itself.
[pscustomobject]@{
    Passed  = $run.PassedCount
    Failed  = $run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount
    Skipped = $run.SkippedCount + ($ThroughServer ? 0 : $run.NotRunCount)
    Names   = @(
        foreach ($failed in @($run.Failed) + @($run.FailedBlocks) + @($run.FailedContainers)) {
            $name = $failed.PSObject.Properties['ExpandedPath'] ? $failed.ExpandedPath : "$($failed.Item)"
            (@($name) + @($failed.ErrorRecord | ForEach-Object { "    $_" })) -join "`n"
        }
    )
} | ConvertTo-Json | Set-Content $ResultFile
