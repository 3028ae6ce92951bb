<#
.SYNOPSIS
    Measures what importing the module costs beside an empty binary module, and what a completion costs, in one run.
.DESCRIPTION
    Each import is timed in a process of its own, the two modules in turn, so that what else the machine does meets both alike.
    Completion is timed on a store with contexts: the first one of a process, which loads the engine, and later ones.
.EXAMPLE
    ./tests/Agb.Benchmarks/Measure-Import.ps1 -Rounds 30
#>
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    [ValidateRange(3, 1000)]
    [int] $Rounds = 15
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetFullPath("$PSScriptRoot/../..")
$pwsh, $leading = & "$PSScriptRoot/../../eng/Get-PowerShellCommand.ps1"
$leading = @($leading)
$folder = [IO.Directory]::CreateTempSubdirectory('agb-import-').FullName

# What a script prints, as milliseconds, in a fresh process.
function Measure-Apart([string] $Script) {
    [double[]] (& $pwsh @leading -NoProfile -NonInteractive -Command $Script)
}

function Get-Row([string] $What, [double[]] $Times, [double] $Base) {
    $sorted = @($Times | Sort-Object)
    $middle = $sorted[[int] [math]::Floor($sorted.Count / 2)]
    [pscustomobject]@{
        What    = $What
        N       = $sorted.Count
        'p50 ms' = [math]::Round($middle, 1)
        'p95 ms' = [math]::Round($sorted[[int] [math]::Floor(0.95 * ($sorted.Count - 1))], 1)
        Ratio   = $Base ? [math]::Round($middle / $Base, 2) : $null
    }
}

$import = { param($path) "`$watch = [Diagnostics.Stopwatch]::StartNew(); Import-Module '$path'; `$watch.Elapsed.TotalMilliseconds" }
$complete = @"
`$env:AGB_HOME = '$folder/home'
Import-Module '$root/Agb.psd1'
`$line = 'Get-AgbContext -Name c'
1..5 | ForEach-Object {
    `$watch = [Diagnostics.Stopwatch]::StartNew()
    `$null = [System.Management.Automation.CommandCompletion]::CompleteInput(`$line, `$line.Length, `$null)
    `$watch.Elapsed.TotalMilliseconds
}
"@
try {
    Add-Type -OutputAssembly "$folder/Empty.dll" -TypeDefinition '
        using System.Management.Automation;
        [Cmdlet("Get", "Nothing")] public class GetNothing : Cmdlet { }'
    $null = Measure-Apart "`$env:AGB_HOME = '$folder/home'; Import-Module '$root/Agb.psd1'; 1..20 | ForEach-Object { `$null = New-AgbContext `"c`$_`" }; 0"
    $empty = [Collections.Generic.List[double]]::new()
    $agb = [Collections.Generic.List[double]]::new()
    $first = [Collections.Generic.List[double]]::new()
    $later = [Collections.Generic.List[double]]::new()
    foreach ($round in 1..$Rounds) {
        Write-Progress 'Measuring' "Round $round of $Rounds" -PercentComplete (100 * $round / $Rounds)
        $empty.Add((Measure-Apart (& $import "$folder/Empty.dll"))[0])
        $agb.Add((Measure-Apart (& $import "$root/Agb.psd1"))[0])
        $times = Measure-Apart $complete
        $first.Add($times[0])
        $later.AddRange([double[]] $times[1..4])
    }
    Write-Progress 'Measuring' -Completed
    $base = (Get-Row -What '' -Times $empty -Base 0).'p50 ms'
    Get-Row -What 'import an empty binary module' -Times $empty -Base $base
    Get-Row -What 'import Agb' -Times $agb -Base $base
    Get-Row -What 'complete a context, first in a process' -Times $first -Base 0
    Get-Row -What 'complete a context, later' -Times $later -Base 0
}
finally {
    Remove-Item $folder -Recurse -Force
}
