#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Builds the module, shows the main job, runs all tests, measures, or makes the packages.
.DESCRIPTION
    Build  builds the module into out/module, so that Import-Module ./Agb.psd1 works. This is the default.
    Demo   builds, prepares this host, and runs the two-session workflow of the README, showing each step and its time.
    Test   builds, runs every xUnit suite and then Pester, and ends with one line: N passed, N failed, N skipped.
    Bench  measures beside other programs; see docs/performance.md. Arguments after it go to the benchmarks.
    Package builds, and makes the nupkg and the zip in out/package.
    Clean  removes what builds and tests made.
.EXAMPLE
    ./build.ps1 Test
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Bench', 'Package', 'Clean')]
    [string] $Task = 'Build',

    # Release, but for the xUnit suites: the fault points that they use exist in Debug builds only.
    [ValidateSet('Debug', 'Release')]
    [string] $Configuration,

    # For Bench: its options, such as --only create.
    [Parameter(ValueFromRemainingArguments)]
    [string[]] $BenchArgument = @()
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
$out = Join-Path $root out

# Runs a program and stops the build when it fails. Its output goes to the host, not into a result.
function Invoke-Program([string] $Name, [string[]] $Arguments) {
    & $Name @Arguments | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "'$Name $($Arguments -join ' ')' ended with exit code $LASTEXITCODE."
    }
}

function Build-Module {
    $module = Join-Path $out module
    if (Test-Path $module) {
        Remove-Item $module -Recurse -Force
    }
    $moduleConfiguration = $Configuration ? $Configuration : 'Release'
    Invoke-Program dotnet @(
        'publish', (Join-Path $root src/Agb.PowerShell/Agb.PowerShell.csproj),
        '--configuration', $moduleConfiguration, '--output', $module, '--nologo', '--verbosity', 'quiet')
    $server = Join-Path $module server
    Invoke-Program dotnet @(
        'publish', (Join-Path $root src/Agb.Server/Agb.Server.csproj),
        '--configuration', $moduleConfiguration, '--output', $server, '--nologo', '--verbosity', 'quiet')
    # The native libraries for other systems than Linux would be most of the module's size.
    Get-ChildItem (Join-Path $module runtimes), (Join-Path $server runtimes) -Directory |
        Where-Object Name -NotLike 'linux*' |
        Remove-Item -Recurse -Force
    Invoke-Program dotnet @(
        'run', '--project', (Join-Path $root src/Agb.PowerShell.Help), '--configuration', 'Release',
        '--', (Join-Path $root docs/en-US), (Join-Path $module en-US))
    & (Join-Path $root src/Agb.PowerShell/Packaging/Complete-Module.ps1) -Module $module
    "Built. Import-Module '$(Join-Path $root Agb.psd1)' loads the module."
}

function Invoke-Demo {
    Build-Module
    # A process of its own: an assembly that this one loaded could not be built again from the same prompt.
    $command = @(& (Join-Path $root eng/Get-PowerShellCommand.ps1))
    Invoke-Program $command[0] (@($command | Select-Object -Skip 1) + @('-NoProfile', '-File', (Join-Path $root src/Agb.PowerShell/Demo/Show-MainJob.ps1)))
}

function Invoke-Test {
    Build-Module
    $results = Join-Path $out test-results
    if (Test-Path $results) {
        Remove-Item $results -Recurse -Force
    }
    $null = New-Item $results -ItemType Directory
    $suites = @(
        & (Join-Path $root tests/Invoke-DotNetTests.ps1) -Results $results -Configuration ($Configuration ? $Configuration : 'Debug')
        & (Join-Path $root tests/Invoke-PesterTests.ps1) -Results $results
    )
    $passed, $failed, $skipped = 'Passed', 'Failed', 'Skipped' | ForEach-Object {
        ($suites | Measure-Object $_ -Sum).Sum
    }
    $suites | ForEach-Object { $_.Names } | ForEach-Object { "Failed: $_" }
    "$passed passed, $failed failed, $skipped skipped"
    exit ($failed -eq 0 ? 0 : 1)
}

function Invoke-Bench {
    Invoke-Program dotnet (@(
        'run', '--configuration', 'Release', '--project', (Join-Path $root tests/Agb.Benchmarks), '--') + $BenchArgument)
}

function New-Package {
    Build-Module
    $package = Join-Path $out package
    if (Test-Path $package) {
        Remove-Item $package -Recurse -Force
    }
    & (Join-Path $root src/Agb.PowerShell/Packaging/New-Package.ps1) -Module (Join-Path $out module) -Output $package
}

function Clear-Output {
    $folders = @(Get-Item $out -ErrorAction Ignore) +
        @(Get-ChildItem (Join-Path $root src), (Join-Path $root tests) -Directory -Recurse -Include bin, obj, TestResults)
    $folders | Remove-Item -Recurse -Force
}

switch ($Task) {
    'Build' { Build-Module }
    'Demo' { Invoke-Demo }
    'Test' { Invoke-Test }
    'Bench' { Invoke-Bench }
    'Package' { New-Package }
    'Clean' { Clear-Output }
}
