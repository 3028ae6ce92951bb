<#
.SYNOPSIS
    Measures what the pipeline costs: many objects through the cmdlets that need no I/O, and a command in many sessions.
.EXAMPLE
    ./tests/Agb.Benchmarks/Measure-Cmdlets.ps1 -Objects 10000 -Sessions 50
#>
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    [ValidateRange(1, 1000000)]
    [int] $Objects = 10000,

    [ValidateRange(1, 200)]
    [int] $Sessions = 50,

    [ValidateRange(1, 100)]
    [int] $Rounds = 5
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module ([IO.Path]::GetFullPath("$PSScriptRoot/../../Agb.psd1"))
$folder = [IO.Directory]::CreateTempSubdirectory('agb-cmdlets-').FullName

# The median of several runs, after one that is not counted.
function Get-Row([string] $What, [int] $Count, [scriptblock] $Action) {
    $null = & $Action
    $times = @(foreach ($round in 1..$Rounds) { (Measure-Command { & $Action }).TotalMilliseconds }) | Sort-Object
    $middle = $times[[int] [math]::Floor($times.Count / 2)]
    [pscustomobject]@{
        What        = $What
        N           = $Rounds
        'p50 ms'    = [math]::Round($middle, 1)
        'us each'   = [math]::Round(1000 * $middle / $Count, 1)
    }
}

$homeBefore = $env:AGB_HOME
$env:AGB_HOME = "$folder/home"
try {
    $context = New-AgbContext many
    $numbers = 1..$Objects
    $contexts = foreach ($number in $numbers) { $context }
    Get-Row -What "$Objects numbers through ForEach-Object alone" -Count $Objects -Action { $numbers | ForEach-Object { $_ } }
    Get-Row -What "$Objects times New-AgbSyncPolicy" -Count $Objects -Action { $numbers | ForEach-Object { New-AgbSyncPolicy -MappingPath /tmp/mapping } }
    $paths = foreach ($number in $numbers) { '/tmp/mapping' }
    Get-Row -What "$Objects mapping paths through New-AgbSyncPolicy" -Count $Objects -Action { $paths | New-AgbSyncPolicy }
    Get-Row -What "$Objects contexts through New-AgbContextSync" -Count $Objects -Action { $contexts | New-AgbContextSync -Path /home/data }
    $running = 1..$Sessions | ForEach-Object { New-AgbSession }
    foreach ($limit in 1, 16) {
        Get-Row -What "a command in $Sessions sessions, -ThrottleLimit $limit" -Count $Sessions -Action {
            $running | Invoke-AgbCommand 'sleep 0.05' -ThrottleLimit $limit
        }
    }
}
finally {
    Get-AgbSession | Remove-AgbSession -DiscardChanges -ThrottleLimit 8
    rm -rf $folder
    $env:AGB_HOME = $homeBefore
}
