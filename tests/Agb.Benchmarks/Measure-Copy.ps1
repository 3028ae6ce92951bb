<#
.SYNOPSIS
    Measures Copy-AgbItem into a session and out of it beside a pipe of two tar programs on this machine.
.EXAMPLE
    ./tests/Agb.Benchmarks/Measure-Copy.ps1 -Files 5000 -Size 2048
#>
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    [ValidateRange(1, 200000)]
    [int] $Files = 5000,

    # Bytes of each file.
    [ValidateRange(0, 1GB)]
    [int] $Size = 2048,

    [ValidateRange(1, 100)]
    [int] $Rounds = 9
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module ([IO.Path]::GetFullPath("$PSScriptRoot/../../Agb.psd1"))
$folder = [IO.Directory]::CreateTempSubdirectory('agb-copy-').FullName
$homeBefore = $env:AGB_HOME
$env:AGB_HOME = "$folder/home"

try {
    $source = New-Item "$folder/source" -ItemType Directory
    $bytes = [byte[]]::new($Size)
    [Random]::new(1).NextBytes($bytes)
    foreach ($number in 1..$Files) {
        $sub = "$source/$($number % 50)"
        $null = [IO.Directory]::CreateDirectory($sub)
        [IO.File]::WriteAllBytes("$sub/file-$number.bin", $bytes)
    }
    $session = New-AgbSession
    $ways = [ordered]@{
        'tar | tar'                 = { sh -c 'mkdir "$1" && tar -C "$0" -cf - source | tar -C "$1" -xf -' $folder "$folder/by-tar" }
        'Copy-AgbItem -ToSession'   = { Copy-AgbItem $source /tmp/in -ToSession $session }
        'Copy-AgbItem -FromSession' = { Copy-AgbItem /tmp/in "$folder/out" -FromSession $session }
    }
    $times = @{}
    $ways.Keys | ForEach-Object { $times[$_] = [Collections.Generic.List[double]]::new() }
    # Round 0 is not counted. In turn, so that what else the machine does meets all alike.
    foreach ($round in 0..$Rounds) {
        $null = Invoke-AgbCommand 'rm -rf /tmp/in' -Session $session
        foreach ($way in $ways.GetEnumerator()) {
            $took = (Measure-Command { & $way.Value }).TotalMilliseconds
            if ($round -gt 0) {
                $times[$way.Key].Add($took)
            }
        }
        if (@(Get-ChildItem "$folder/out" -Recurse -File).Count -ne $Files) {
            throw "Of $Files files not all came back."
        }
        Remove-Item "$folder/by-tar", "$folder/out" -Recurse -Force
    }
    $session | Remove-AgbSession
    foreach ($way in $ways.Keys) {
        $ratios = @(foreach ($round in 0..($Rounds - 1)) { $times[$way][$round] / $times['tar | tar'][$round] }) | Sort-Object
        [pscustomobject]@{
            What     = "$way, $Files files of $Size bytes"
            N        = $Rounds
            'p50 ms' = [math]::Round(($times[$way] | Sort-Object)[[int] [math]::Floor($Rounds / 2)], 1)
            Ratio    = [math]::Round($ratios[[int] [math]::Floor($Rounds / 2)], 2)
        }
    }
}
finally {
    Remove-Item $folder -Recurse -Force
    $env:AGB_HOME = $homeBefore
}
