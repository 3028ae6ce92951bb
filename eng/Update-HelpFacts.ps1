<#
.SYNOPSIS
    Brings the facts of the cmdlets' pages in docs/en-US in line with the built cmdlets: types, positions, defaults, pipeline.
.DESCRIPTION
    Prose stays as it is. A parameter that has no heading gets one with its HelpMessage, a heading without a parameter goes,
    and a cmdlet without a page gets one whose gaps the help compiler names. The module must be built; a compiler error about
    the pages does not hinder that.
.EXAMPLE
    ./eng/Update-HelpFacts.ps1
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = [IO.Path]::GetFullPath("$PSScriptRoot/..")
. $PSScriptRoot/HelpFacts.ps1

Import-Module "$root/Agb.psd1"
foreach ($command in Get-Command -Module Agb -CommandType Cmdlet) {
    $file = "$root/docs/en-US/$($command.Name).md"
    $page = (Test-Path $file) ? (Get-Content $file -Raw) : @"
# $($command.Name)

## Synopsis

## Description

## Parameters

## Inputs

## Outputs

## Examples

## Related links

"@
    $before, $parameters, $after = [regex]::Match($page, '(?s)^(.*?\n## Parameters\n)(.*?)(\n## Inputs\n.*)$').Groups[1..3].Value
    $sections = foreach ($fact in Get-HelpFact $command) {
        $old = [regex]::Match($parameters, "(?s)(?<=\n### -$($fact.Name)\n\n).*?(?=\n``````yaml\n)")
        $prose = $old.Success ? $old.Value.Trim() : $fact.HelpMessage
        "`n### -$($fact.Name)`n`n$prose`n`n``````yaml`n$($fact.Lines -join "`n")`n``````"
    }
    Set-Content $file ($before + ($sections -join "`n") + "`n" + $after.TrimEnd())
}
