# Dot-sourced: what the loaded cmdlets say of their parameters, in the words of the help pages. Both the test that compares and
# the script that brings pages in line use it.

# The text of a default value, as a page has it.
function Get-HelpDefault($Value, [type] $Type) {
    if ($Type -eq [switch]) {
        return "$($Value.IsPresent)"
    }
    $items = @($Value)
    if ($null -eq $Value -or $items.Count -eq 0) {
        return 'None'
    }
    ($items | ForEach-Object { "$_" -eq '' ? "''" : "$_" }) -join ', '
}

# One record for each parameter of a cmdlet, but for PowerShell's own and those that are not for people: its name, its HelpMessage, and the lines of its yaml block.
# A parameter must be the same in all of its sets: pages have one block for each.
function Get-HelpFact([System.Management.Automation.CmdletInfo] $Command) {
    $common = [System.Management.Automation.Cmdlet]::CommonParameters
    # PowerShell makes these two; they have no message and no property of the cmdlet's.
    $ofPowerShell = @{ WhatIf = 'Show what would be done, and do nothing.'; Confirm = 'Ask before each change.' }
    $fresh = [Activator]::CreateInstance($Command.ImplementingType)
    foreach ($parameter in $Command.Parameters.Values | Where-Object Name -NotIn $common) {
        if ($parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ParameterAttribute] -and $_.DontShow }) {
            continue
        }
        $sets = $parameter.ParameterSets
        $one = @($sets.Values | Select-Object Position, IsMandatory, ValueFromPipeline, ValueFromPipelineByPropertyName -Unique)
        if ($one.Count -ne 1) {
            throw "-$($parameter.Name) of $($Command.Name) differs between its parameter sets, which the pages can't say."
        }
        $type = [Nullable]::GetUnderlyingType($parameter.ParameterType) ?? $parameter.ParameterType
        $name = [Microsoft.PowerShell.ToStringCodeMethods]::Type($type)
        $pipeline = @(
            if ($one.ValueFromPipeline) { 'ByValue' }
            if ($one.ValueFromPipelineByPropertyName) { 'ByPropertyName' }
        )
        $wildcards = $parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.SupportsWildcardsAttribute] }
        $default = $ofPowerShell.ContainsKey($parameter.Name) ? [switch] $false :
            $Command.ImplementingType.GetProperty($parameter.Name).GetValue($fresh)
        [pscustomobject]@{
            Name        = $parameter.Name
            HelpMessage = $ofPowerShell[$parameter.Name] ?? @($sets.Values.HelpMessage)[0]
            Lines       = @(
                "Type: $($name -replace '^.*\.' -replace '^switch$', 'SwitchParameter')"
                if ($parameter.Aliases) { "Aliases: $($parameter.Aliases -join ', ')" }
                if (-not $sets.ContainsKey('__AllParameterSets')) { "Sets: $(($sets.Keys | Sort-Object) -join ', ')" }
                "Required: $($one.IsMandatory ? 'yes' : 'no')"
                "Position: $($one.Position -lt 0 ? 'named' : $one.Position)"
                "Default: $(Get-HelpDefault $default $parameter.ParameterType)"
                if ($pipeline) { "Pipeline: $($pipeline -join ', ')" }
                "Wildcards: $($wildcards ? 'yes' : 'no')"
            )
        }
    }
    if ($fresh -is [IDisposable]) {
        $fresh.Dispose()
    }
}
