<#
.SYNOPSIS
    Runs Pester files against the built module and emits the counts of each run.
.EXAMPLE
    ./tests/Invoke-PesterTests.ps1 -File Sessions.Tests.ps1 -PesterVersion 6.2.0
#>
[CmdletBinding()]
param(
    # An existing directory for the result files; one that is removed afterwards unless given.
    [string] $Results,

    # Only these files of tests/Pester; all unless given, the main job's once more through a server.
    [string[]] $File,

    # Only on this version of Pester.
    [string] $PesterVersion
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/Suites.psm1"

$folder = $Results ? $Results : [IO.Directory]::CreateTempSubdirectory('agb-results-').FullName
try {
    Invoke-Suite (Get-PesterSuite -Results $folder -File $File -PesterVersion $PesterVersion) -AtOnce 1
}
finally {
    if (-not $Results) {
        Remove-Item $folder -Recurse
    }
}
