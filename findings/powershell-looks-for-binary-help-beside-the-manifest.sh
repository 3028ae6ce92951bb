#!/usr/bin/env bash
# PowerShell 7.6.9, a module whose manifest names its assembly in a folder below: RootModule = 'bin/Thing.dll'.
# Expected: help lies in a culture folder beside the assembly, bin/en-US/Thing.dll-Help.xml, as it does for an assembly imported by its path.
# Seen: imported by its path, the assembly's cmdlets find bin/en-US. Imported by the manifest, they do not: Get-Help shows the bare syntax and
#   no about topic, without an error. Only en-US beside the manifest is looked at.
# For users: a module that keeps its assemblies in bin/ needs its help one level higher, and a test of Get-Help on the imported manifest.
set -u
command -v dotnet >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 POWERSHELL_TELEMETRY_OPTOUT=1
dotnet tool install --tool-path "$work/tool" PowerShell --version 7.6.9 >/dev/null || exit 77
mkdir -p "$work/source" "$work/Thing/bin/en-US"
cat > "$work/source/Thing.csproj" <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>netstandard2.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageReference Include="PowerShellStandard.Library" Version="5.1.1" PrivateAssets="all" ExcludeAssets="runtime" /></ItemGroup>
</Project>
X
cat > "$work/source/GetThing.cs" <<'C'
using System.Management.Automation;
[Cmdlet(VerbsCommon.Get, "Thing")]
public class GetThingCommand : PSCmdlet { }
C
dotnet build "$work/source" -o "$work/built" -v q >/dev/null || exit 77
cp "$work/built/Thing.dll" "$work/Thing/bin/"
cat > "$work/Thing/bin/en-US/Thing.dll-Help.xml" <<'X'
<helpItems schema="maml" xmlns="http://msh">
  <command:command xmlns:command="http://schemas.microsoft.com/maml/dev/command/2004/10" xmlns:maml="http://schemas.microsoft.com/maml/2004/10">
    <command:details><command:name>Get-Thing</command:name><maml:description><maml:para>Gets a thing, says the help.</maml:para></maml:description></command:details>
  </command:command>
</helpItems>
X
printf 'TOPIC\n    about_Thing\n\nSHORT DESCRIPTION\n    A topic about things.\n' > "$work/Thing/bin/en-US/about_Thing.help.txt"
echo "@{ RootModule = 'bin/Thing.dll'; ModuleVersion = '1.0'; CmdletsToExport = 'Get-Thing' }" > "$work/Thing/Thing.psd1"
look() {
    TO_IMPORT=$1 "$work/tool/pwsh" -NoProfile -Command '
        Import-Module $env:TO_IMPORT
        $synopsis = (Get-Help Get-Thing).Synopsis.Trim()
        $topic = @(Get-Help about_Thing -ErrorAction Ignore).Count
        "{0}: synopsis {1}, topics {2}" -f (Split-Path $env:TO_IMPORT -Leaf), ($synopsis -like "*says the help*" ? "found" : "missing"), $topic'
}
{
    "$work/tool/pwsh" -NoProfile -Command '"PowerShell $($PSVersionTable.PSVersion)"'
    look "$work/Thing/bin/Thing.dll"
    look "$work/Thing/Thing.psd1"
    mv "$work/Thing/bin/en-US" "$work/Thing/en-US"
    echo "help moved beside the manifest"
    look "$work/Thing/Thing.psd1"
} | tee "$work/seen"
[ "$(tail -n +2 "$work/seen")" = "Thing.dll: synopsis found, topics 1
Thing.psd1: synopsis missing, topics 0
help moved beside the manifest
Thing.psd1: synopsis found, topics 1" ]
