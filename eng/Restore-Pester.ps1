<#
.SYNOPSIS
    Brings Pester from NuGet into out/packages and emits the manifest of each version.
#>
[CmdletBinding()]
[OutputType([string])]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$versions = '5.9.1', '6.2.0'
$packages = [IO.Path]::GetFullPath("$PSScriptRoot/../out/packages")
$manifests = @($versions | ForEach-Object { Join-Path $packages "pester/$_/tools/Pester.psd1" })
if (@($manifests | Where-Object { -not (Test-Path $_) })) {
    & dotnet restore (Join-Path $PSScriptRoot Pester.proj) --nologo --verbosity quiet | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "Pester $($versions -join ' and ') can't be restored from NuGet (exit code $LASTEXITCODE)."
    }
}
$manifests
