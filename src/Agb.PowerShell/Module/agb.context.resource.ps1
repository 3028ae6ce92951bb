# The resource Agb/Context of DSC 3: its manifest is agb.context.dsc.resource.json. The environment decides on the service, as for cmdlets.
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [ValidateSet('get', 'set', 'export')]
    [string] $Operation
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'

function Get-State([string] $Name, $Context) {
    $state = [ordered]@{ name = $Name }
    if ($Context) {
        $state.id = $Context.Id
    }
    $state._exist = $null -ne $Context
    $state | ConvertTo-Json -Compress
}

function Find-Context([string] $Name) {
    Get-AgbContext | Where-Object Name -CEQ $Name
}

try {
    Import-Module "$PSScriptRoot/../Agb.psd1"
    if ($Operation -eq 'export') {
        Get-AgbContext | ForEach-Object { Get-State $_.Name $_ }
        return
    }
    $wanted = [Console]::In.ReadToEnd() | ConvertFrom-Json -AsHashtable
    if (-not $wanted.name) {
        throw [ArgumentException] 'The property name is missing; expected the name of a context.'
    }
    $context = Find-Context $wanted.name
    if ($Operation -eq 'set') {
        $isWanted = $wanted.ContainsKey('_exist') ? $wanted._exist : $true
        if ($isWanted -and -not $context) {
            $null = New-AgbContext $wanted.name
        }
        elseif (-not $isWanted -and $context) {
            $context | Remove-AgbContext -Confirm:$false
        }
        $context = Find-Context $wanted.name
    }
    Get-State $wanted.name $context
}
catch {
    [Console]::Error.WriteLine((@{ error = "$_" } | ConvertTo-Json -Compress))
    exit 1
}
