<#
.SYNOPSIS
    Measures the drive over contexts beside Get-AgbContextFile: listings of many files, one item, and one Tab.
.EXAMPLE
    ./tests/Agb.Benchmarks/Measure-Drive.ps1 -Files 20000
#>
[CmdletBinding()]
[OutputType([pscustomobject])]
param(
    [ValidateRange(1, 200000)]
    [int] $Files = 20000,

    [ValidateRange(1, 100)]
    [int] $Rounds = 7
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
Import-Module ([IO.Path]::GetFullPath("$PSScriptRoot/../../Agb.psd1"))
$folder = [IO.Directory]::CreateTempSubdirectory('agb-drive-').FullName
$homeBefore = $env:AGB_HOME
$env:AGB_HOME = "$folder/home"

# The median in milliseconds of several runs, after one that is not counted.
function Get-Median([scriptblock] $Action, [scriptblock] $Before = {}) {
    $times = @(foreach ($round in 0..$Rounds) {
            $null = & $Before
            (Measure-Command { & $Action }).TotalMilliseconds
        }) | Select-Object -Skip 1 | Sort-Object
    $times[[int] [math]::Floor($times.Count / 2)]
}

try {
    $null = New-AgbContext many
    $source = New-Item "$folder/source" -ItemType Directory
    foreach ($number in 1..$Files) {
        [IO.File]::WriteAllText("$source/file-$number.txt", 'x')
    }
    $null = Send-AgbContextFile many "$source/*" -Destination /srv/files
    # A listing that is kept is right for one version only.
    $version = { Set-Content agb:/many/changed.txt (New-Guid) }
    $directory = 'agb:/many/srv/files'
    $cmdlet = Get-Median -Before $version -Action { Get-AgbContextFile many /srv/files }
    $rows = [ordered]@{
        'Get-AgbContextFile'           = $cmdlet
        'Get-ChildItem'                = Get-Median -Before $version -Action { Get-ChildItem $directory }
        'Get-ChildItem, listed before' = Get-Median { Get-ChildItem $directory }
        'Get-ChildItem -Name'          = Get-Median -Before $version -Action { Get-ChildItem $directory -Name }
        'Get-ChildItem -Recurse'       = Get-Median { Get-ChildItem agb:/many/srv -Recurse }
        'Get-ChildItem *'              = Get-Median { Get-ChildItem "$directory/*" }
        'Get-Item of one file'         = Get-Median { Get-Item "$directory/file-1.txt" }
        'first Tab'                    = Get-Median -Before $version -Action { TabExpansion2 "Get-Content $directory/file-77" }
        'Tab'                          = Get-Median { TabExpansion2 "Get-Content $directory/file-77" }
        'Tab, all files'               = Get-Median { TabExpansion2 "Get-Content $directory/" }
    }
    foreach ($row in $rows.GetEnumerator()) {
        [pscustomobject]@{ What = "$($row.Key), $Files files"; N = $Rounds; 'p50 ms' = [math]::Round($row.Value, 1); Ratio = [math]::Round($row.Value / $cmdlet, 2) }
    }
}
finally {
    Remove-Item $folder -Recurse -Force
    $env:AGB_HOME = $homeBefore
}
