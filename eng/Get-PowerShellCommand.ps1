<#
.SYNOPSIS
    Emits the command that starts another PowerShell of the same installation: a program, then its leading arguments.
.DESCRIPTION
    PowerShell as a .NET tool runs in a process of `dotnet` with pwsh.dll as its argument, so the path of the current process
    does not start one by itself.
.EXAMPLE
    $pwsh, $leading = & ./eng/Get-PowerShellCommand.ps1
    & $pwsh @leading -NoProfile -Command '$PSVersionTable'
#>
[CmdletBinding()]
[OutputType([string])]
param()

$process = [Environment]::ProcessPath
$process
if ([IO.Path]::GetFileNameWithoutExtension($process) -ne 'pwsh') {
    Join-Path $PSHOME pwsh.dll
}
