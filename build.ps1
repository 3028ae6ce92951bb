#!/usr/bin/env pwsh

<#
.SYNOPSIS
    Builds the module, shows the main job, runs all tests, measures, proves, or makes the packages.
.DESCRIPTION
    Build   builds the module beside its manifest, into bin and en-US, so that Import-Module ./Agb.psd1 works. This is the default.
    Demo    builds, prepares this host, and runs the two-session workflow of the README, showing each step and its time.
    Test    installs what the tests need where that is allowed, builds, runs every xUnit suite and Pester 5 and 6, and ends
            with one line: N passed, N failed, N skipped.
    Prove   runs the long proofs by name, or lists them, and writes their figures into docs. See docs/reliability.md.
    Bench   measures beside other programs; see docs/performance.md. Arguments after it go to the benchmarks.
    Package builds, and makes the nupkg and the zip in out/package.
    Clean   removes what builds and tests made.

    Without a pwsh at hand, the .NET 10 SDK alone starts it: dotnet dnx -y powershell ./build.ps1 Demo
.PARAMETER Task
    What to do: Build, Demo, Test, Prove, Bench, Package or Clean.
.PARAMETER Configuration
    Release, but for the xUnit suites: the fault points that they use exist in Debug builds only.
.PARAMETER Argument
    For Prove the names of proofs; for Bench its options, such as --only create.
.EXAMPLE
    ./build.ps1 Test
.EXAMPLE
    ./build.ps1 Prove power-cuts
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Prove', 'Bench', 'Package', 'Clean')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration,

    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Argument = @()
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot
$out = Join-Path $root out
Import-Module "$root/eng/Programs.psm1"
$env:DOTNET_CLI_TELEMETRY_OPTOUT = $env:DOTNET_NOLOGO = $env:POWERSHELL_TELEMETRY_OPTOUT = '1'

function New-EmptyDirectory([string] $Path) {
    if (Test-Path $Path) {
        Remove-Item $Path -Recurse -Force
    }
    $null = New-Item $Path -ItemType Directory
}

# Completes Agb.psd1 to a module folder: the module, the server beside it, and help. Old files are removed and not
# overwritten, so a process with the module goes on with its own.
function Build-Module {
    & "$root/eng/Install-HostPackage.ps1"
    $bin, $help = "$root/bin", "$root/en-US"
    $bin, $help | ForEach-Object { New-EmptyDirectory $_ }
    # One folder for both, so that shared assemblies ship once.
    foreach ($project in 'Agb.PowerShell', 'Agb.Server') {
        Invoke-Program "Building $project" (
            'dotnet', 'publish', "$root/src/$project/$project.csproj", '--configuration', ($Configuration ? $Configuration : 'Release'),
            '--output', $bin, '-p:UseAppHost=false', '--nologo', '--verbosity', 'quiet')
    }
    Invoke-Program 'Writing the help' (
        'dotnet', 'run', '--project', "$root/src/Agb.PowerShell.Help", '--configuration', 'Release', '--', "$root/docs/en-US", $help)
    # Publishing adds SQLite for every supported system: most of the module's size. Sandboxes run on these alone.
    Get-ChildItem "$bin/runtimes" -Directory | Where-Object Name -NotIn linux-x64, linux-arm64, linux-musl-x64, linux-musl-arm64 |
        Remove-Item -Recurse -Force
    "Built. Import-Module '$(Join-Path $root Agb.psd1)' loads the module."
}

function Invoke-Demo {
    Build-Module
    # A process of its own: an assembly that this one loaded could not be built again from the same prompt.
    Invoke-Program 'Running the main job' (
        @(& "$root/eng/Get-PowerShellCommand.ps1") + @('-NoProfile', '-File', "$root/eng/Show-MainJob.ps1"))
}

function Invoke-Test {
    & "$root/eng/Install-HostPackage.ps1" -ForTests
    Build-Module
    $results = Join-Path $out test-results
    New-EmptyDirectory $results
    Import-Module "$root/tests/Suites.psm1"
    $suites = @(Get-DotNetSuite -Results $results -Configuration ($Configuration ? $Configuration : 'Debug')) + @(Get-PesterSuite -Results $results)
    $ended = @(Invoke-Suite $suites)
    $ended | Sort-Object Seconds -Descending |
        Format-Table What, @{ Name = 'Seconds'; Expression = { [int] $_.Seconds } }, Passed, Failed, Skipped | Out-Host
    $ended | ForEach-Object { $_.Names } | Where-Object { $_ } | ForEach-Object { "Failed: $_" }
    $passed, $failed, $skipped = 'Passed', 'Failed', 'Skipped' | ForEach-Object { ($ended | Measure-Object $_ -Sum).Sum }
    "$passed passed, $failed failed, $skipped skipped"
    exit ($failed -eq 0 ? 0 : 1)
}

function Invoke-Bench {
    Invoke-Program 'Measuring' (@('dotnet', 'run', '--configuration', 'Release', '--project', "$root/tests/Agb.Benchmarks", '--') + $Argument)
}

function New-Package {
    & "$root/eng/Install-HostPackage.ps1" -ForPackages
    Build-Module
    New-EmptyDirectory "$out/package"
    & "$root/eng/New-Package.ps1" -Output "$out/package"
}

function Clear-Output {
    $folders = @(Get-Item $out, "$root/bin", "$root/en-US" -ErrorAction Ignore) +
        @(Get-ChildItem (Join-Path $root src), (Join-Path $root tests) -Directory -Recurse -Include bin, obj, TestResults)
    $folders | Remove-Item -Recurse -Force
}

switch ($Task) {
    'Build' { Build-Module }
    'Demo' { Invoke-Demo }
    'Test' { Invoke-Test }
    'Prove' { & "$root/eng/Invoke-Proof.ps1" -Name $Argument }
    'Bench' { Invoke-Bench }
    'Package' { New-Package }
    'Clean' { Clear-Output }
}
