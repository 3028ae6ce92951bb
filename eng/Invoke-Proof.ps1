<#
.SYNOPSIS
    Runs long proofs by name; without a name it lists them.
.DESCRIPTION
    Tests hold a short form of each. The long forms take minutes to hours and write their figures into docs.
.EXAMPLE
    ./build.ps1 Prove power-cuts
#>
[CmdletBinding()]
param(
    # Names of proofs; wildcards are allowed.
    [string[]] $Name
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetFullPath("$PSScriptRoot/..")
Import-Module "$PSScriptRoot/Programs.psm1"

function New-Proof([string] $Name, [string] $What, [string] $Project, [string[]] $Argument, [string] $Configuration = 'Release') {
    [pscustomobject]@{
        Name    = $Name
        What    = $What
        Command = @('dotnet', 'run', '--configuration', $Configuration, '--project', "$root/tests/$Project", '--') + $Argument
    }
}

# Tests in their long form.
function New-TestProof([string] $Name, [string] $What, [string] $Variable, [string] $Project, [string] $Filter) {
    [pscustomobject]@{
        Name    = $Name
        What    = $What
        Command = @('env', $Variable, 'dotnet', 'test', "$root/tests/$Project", '--configuration', 'Debug', '--filter', "FullyQualifiedName~$Filter")
    }
}

$page = "$root/docs/reliability.md"
$proofs = @(
    New-Proof power-cuts 'Fifty power cuts under load: no acknowledged value is lost' Agb.Soak 'power-cuts', '--page', $page, '--cuts', '50'
    New-Proof kills 'Processes killed at random for ten minutes: no acknowledged value is lost' Agb.Soak 'soak', '--page', $page, '600' Debug
    New-Proof server-load 'A server driven beyond its limits for two minutes: nothing is left behind' Agb.Soak 'server', '--page', $page, '120' Debug
    New-TestProof faults 'Every call of every operation fails in every way: nothing is lost' 'AGB_FAULTS=all' Agb.Engine.Store.Tests Faults
    New-TestProof random 'Random edits, policies and downloads, twenty times as many as in the tests' 'AGB_TESTS=long' Agb.Engine.Store.Tests Random
    New-TestProof ordinary-user "All that depends on the user, by an ordinary user's engine" 'AGB_TESTS=long' Agb.Engine.Tests OrdinaryUser
    New-TestProof mounts 'The whole conformance suite on overlays and on copies' 'AGB_TESTS=long' Agb.Engine.Tests Agb.Conformance
    New-TestProof prepared 'The conformance suite with sessions from prepared sandboxes' 'AGB_TESTS=prepared' Agb.Engine.Tests Agb.Conformance
    New-TestProof prepared-kills 'Kills at every step with sessions from prepared sandboxes' 'AGB_TESTS=prepared' Agb.Engine.Store.Tests Crash
    New-TestProof suites 'The whole conformance suite through a server, and the tests of the AGB API' 'AGB_TESTS=long' Agb.Cloud.Tests Conformance
    [pscustomobject]@{
        Name    = 'clients'
        What    = "Playwright for Node.js and .NET, and Puppeteer, through a server's link to a browser"
        Command = @('dotnet', 'tool', 'run', 'pwsh', '-NoProfile', '-File', "$root/tests/Clients/Test-Clients.ps1")
    }
    New-Proof benchmarks 'Speed beside other programs, on a quiet machine' Agb.Benchmarks '--docs', "$root/docs"
)
if (-not $Name) {
    return $proofs | Select-Object Name, What
}
$chosen = @($proofs | Where-Object { $proof = $_; $Name | Where-Object { $proof.Name -like $_ } })
if (-not $chosen) {
    throw "No proof has the name '$($Name -join "', '")'. There are: $($proofs.Name -join ', ')."
}
foreach ($proof in $chosen) {
    Invoke-Program "$($proof.Name): $($proof.What)" $proof.Command
}
