# The suites of this repository as programs, how they are run together, and how their results are counted.

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$root = [IO.Path]::GetFullPath("$PSScriptRoot/..")
Import-Module "$root/eng/Programs.psm1"

# A suite: What names it, Command runs it, Result is the file of its counts.
function New-Suite([string] $Name, [string[]] $Command, [string] $Result) {
    [pscustomobject]@{ What = $Name; Command = $Command; Result = $Result }
}

<#
.SYNOPSIS
    Builds the solution and emits its xUnit suites, the longest first.
#>
function Get-DotNetSuite {
    [CmdletBinding()]
    param(
        # An existing directory for the result files.
        [Parameter(Mandatory)]
        [string] $Results,

        # Debug has the fault points that the suites use.
        [string] $Configuration = 'Debug'
    )

    Invoke-Program "Building the solution ($Configuration)" (
        'dotnet', 'build', "$root/Agb.PowerShell.sln", '--configuration', $Configuration, '--nologo', '--verbosity', 'quiet')
    Get-ChildItem $PSScriptRoot/*.Tests/*.csproj | Sort-Object { $_.BaseName -ne 'Agb.Engine.Tests' }, BaseName | ForEach-Object {
        $name = $_.BaseName
        New-Suite $name -Result "$Results/$name.trx" -Command (
            'dotnet', 'test', $_.FullName, '--no-build', '--configuration', $Configuration, '--nologo',
            '--logger', "trx;LogFileName=$name.trx", '--results-directory', $Results)
    }
}

<#
.SYNOPSIS
    Emits the runs of the Pester files: all on the newest Pester, some on each older one, and the main job's through a server.
#>
function Get-PesterSuite {
    [CmdletBinding()]
    param(
        # An existing directory for the result files.
        [Parameter(Mandatory)]
        [string] $Results,

        # Only these files of tests/Pester, on no server; all unless given.
        [string[]] $File,

        # Only on this version of Pester.
        [string] $PesterVersion
    )

    $manifests = @(& "$root/eng/Restore-Pester.ps1" | Where-Object { -not $PesterVersion -or $_ -like "*/$PesterVersion/*" })
    if (-not $manifests) {
        throw "Pester $PesterVersion is not among the versions that eng/Restore-Pester.ps1 brings."
    }
    Invoke-Program 'Building the service that the Pester tests use' (
        'dotnet', 'build', "$PSScriptRoot/Agb.PowerShell.TestService", '--output', "$root/out/test-service",
        '--configuration', 'Release', '--nologo', '--verbosity', 'quiet')
    $powerShell = @(& "$root/eng/Get-PowerShellCommand.ps1") + @('-NoProfile', '-NonInteractive', '-File', "$PSScriptRoot/Pester/Invoke-Suite.ps1")
    # The module is the same under each Pester. So an older one runs what meets Pester itself: the operators and templates, the module
    # imported into a run, and the guide's workflow.
    $meetsPester = 'Operators.Tests.ps1', 'Module.Tests.ps1', 'Guide.Tests.ps1'
    foreach ($manifest in $manifests) {
        $name = "Pester $((Import-PowerShellDataFile $manifest).ModuleVersion)"
        $pattern = $File ? $File : $manifest -eq $manifests[-1] ? '*.Tests.ps1' : $meetsPester
        New-Suite $name -Result "$Results/$name.json" -Command (
            $powerShell + @('-ResultFile', "$Results/$name.json", '-Pester', $manifest, '-Pattern', ($pattern -join ',')))
    }
    if (-not $File) {
        $name = 'Pester through a server'
        $mainJob = 'Guide', 'Sessions', 'Running', 'Streaming', 'Copying', 'Mounts', 'Policy', 'BadInput', 'Terminal', 'Browser', 'Desktop' | ForEach-Object { "$_.Tests.ps1" }
        New-Suite $name -Result "$Results/$name.json" -Command (
            $powerShell + @('-ResultFile', "$Results/$name.json", '-Pester', $manifests[-1], '-Pattern', ($mainJob -join ','), '-ThroughServer'))
    }
}

# A test's name with what it failed with, indented, of which the first lines say most.
function Join-Reason([string] $Name, [string] $Message, [string] $StackTrace) {
    $lines = @(($Message -split '\r?\n') | Select-Object -First 20) + @(($StackTrace -split '\r?\n') | Select-Object -First 5)
    (@($Name) + @($lines | Where-Object { $_.Trim() } | ForEach-Object { "    $_" })) -join "`n"
}

# The counts of a result file, or null when there is none.
function Read-Result([string] $Path) {
    if (-not (Test-Path $Path)) {
        return
    }
    if ($Path -like '*.json') {
        return Get-Content $Path -Raw | ConvertFrom-Json
    }
    $document = [xml] (Get-Content $Path -Raw)
    $names = [Xml.XmlNamespaceManager]::new($document.NameTable)
    $names.AddNamespace('t', $document.DocumentElement.NamespaceURI)
    $counters = $document.SelectSingleNode('//t:ResultSummary/t:Counters', $names)
    [pscustomobject]@{
        Passed  = [int] $counters.passed
        Failed  = [int] $counters.failed + [int] $counters.error + [int] $counters.timeout + [int] $counters.aborted
        Skipped = [int] $counters.total - [int] $counters.executed
        Names   = @($document.SelectNodes('//t:Results/*', $names) | Where-Object outcome -NotIn Passed, NotExecuted | ForEach-Object {
                Join-Reason $_.testName $_.SelectSingleNode('.//t:ErrorInfo/t:Message', $names)?.InnerText `
                    $_.SelectSingleNode('.//t:ErrorInfo/t:StackTrace', $names)?.InnerText
            })
        # What went wrong outside a test, as in a fixture that could not be disposed of.
        Errors  = @($document.SelectNodes("//t:RunInfos/t:RunInfo[@outcome='Error']/t:Text", $names) | ForEach-Object InnerText)
    }
}

<#
.SYNOPSIS
    Runs suites and emits What, Seconds, Passed, Failed, Skipped and the Names of failed tests for each.
.DESCRIPTION
    A suite that ends early leaves no failed test behind, so an exit code other than 0 counts as a failure by itself. A suite
    without a test counts as one too: something kept it from starting.
#>
function Invoke-Suite {
    [CmdletBinding()]
    param(
        # What Get-DotNetSuite and Get-PesterSuite emit.
        [Parameter(Mandatory)]
        [object[]] $Suite,

        # The suites wait for disks and processes much of their time, so more than one runs at once.
        [int] $AtOnce = 2
    )

    Invoke-ProgramQueue $Suite -AtOnce $AtOnce | ForEach-Object {
        $ended = $_
        $result = Read-Result ($Suite | Where-Object What -EQ $ended.What).Result
        $passed, $failed, $skipped, $names = $result ? $result.Passed, $result.Failed, $result.Skipped, @($result.Names) : 0, 0, 0, @()
        if ($failed -eq 0 -and ($ended.ExitCode -ne 0 -or $passed -eq 0)) {
            $failed = 1
            $errors = $result -and $result.PSObject.Properties['Errors'] ? $result.Errors -join "`n" : ''
            $names = @(Join-Reason "$($ended.What) ended with exit code $($ended.ExitCode), $passed tests passed and none failed" $errors)
        }
        [pscustomobject]@{
            What    = $ended.What
            Seconds = $ended.Seconds
            Passed  = $passed
            Failed  = $failed
            Skipped = $skipped
            Names   = $names
        }
    }
}

Export-ModuleMember -Function Get-DotNetSuite, Get-PesterSuite, Invoke-Suite
