<#
.SYNOPSIS
    Creates the two packages of the built module, a nupkg and a zip, and emits their files.
.DESCRIPTION
    Agb.<version>.nupkg is for Install-PSResource and Save-PSResource, from a gallery or a directory registered as one.
    Agb-<version>.zip holds Agb/<version>, to be unpacked into a directory of PSModulePath. Both hold the same files, and
    the same input makes the same bytes.
#>
[CmdletBinding()]
[OutputType([IO.FileInfo])]
param(
    # The directory for the packages; created if missing.
    [Parameter(Mandatory)]
    [string] $Output,

    # The manifest to ship; the repository's unless given.
    [string] $Manifest = "$PSScriptRoot/../Agb.psd1"
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$root = [IO.Path]::GetFullPath("$PSScriptRoot/..")
$data = Import-PowerShellDataFile $Manifest
$version = $data.ModuleVersion
# Files by their paths in the packages. Only debugging needs the symbols.
$files = [ordered]@{}
Get-Item $Manifest, "$root/LICENSE", "$root/README.md", "$root/CHANGELOG.md", "$root/src/Agb.PowerShell/Module/THIRD-PARTY.md" |
    ForEach-Object { $files[$_.Name] = $_ }
Get-ChildItem "$root/bin", "$root/en-US" -File -Recurse | Where-Object Extension -NE .pdb | Sort-Object FullName -Culture '' |
    ForEach-Object { $files[[IO.Path]::GetRelativePath($root, $_.FullName)] = $_ }

# Writes an archive of named contents: bytes or files, all with one time, so that the same input makes the same archive.
function Write-Archive([string] $Path, [Collections.Specialized.OrderedDictionary] $Entries) {
    Remove-Item $Path -ErrorAction Ignore
    $archive = [IO.Compression.ZipFile]::Open($Path, 'Create')
    try {
        foreach ($name in $Entries.Keys) {
            $entry = $archive.CreateEntry($name, 'Optimal')
            $entry.LastWriteTime = [datetimeoffset]::new(1980, 1, 1, 0, 0, 0, [timespan]::Zero)
            # A regular file readable by all (mode 0100644), in the upper half as the zip format requires.
            $entry.ExternalAttributes = 0x81A4 -shl 16
            $stream = $entry.Open()
            $bytes = $Entries[$name] -is [IO.FileInfo] ? [IO.File]::ReadAllBytes($Entries[$name]) : [Text.Encoding]::UTF8.GetBytes($Entries[$name])
            $stream.Write($bytes, 0, $bytes.Length)
            $stream.Dispose()
        }
    }
    finally {
        $archive.Dispose()
    }
    Get-Item $Path
}

function Get-FilesBelow([string] $Prefix) {
    $entries = [ordered]@{}
    foreach ($name in $files.Keys) {
        $entries[$Prefix + $name] = $files[$name]
    }
    $entries
}

function ConvertTo-XmlText([string] $Text) {
    [Security.SecurityElement]::Escape($Text)
}

# Tags for PowerShell's package tools: the module and its commands.
$tags = @('PSModule') + $data.PrivateData.PSData.Tags + 'PSIncludes_Cmdlet' +
    ($data.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" })

$nuspec = @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>Agb</id>
    <version>$version</version>
    <authors>$(ConvertTo-XmlText $data.Author)</authors>
    <owners>$(ConvertTo-XmlText $data.CompanyName)</owners>
    <requireLicenseAcceptance>false</requireLicenseAcceptance>
    <license type="file">LICENSE</license>
    <readme>README.md</readme>
    <description>$(ConvertTo-XmlText $data.Description)</description>
    <copyright>$(ConvertTo-XmlText $data.Copyright)</copyright>
    <releaseNotes>$(ConvertTo-XmlText $data.PrivateData.PSData.ReleaseNotes)</releaseNotes>
    <tags>$($tags -join ' ')</tags>
  </metadata>
</package>
"@
$relationships = @'
<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/Agb.nuspec" Id="manifest" />
</Relationships>
'@
$types = @"
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
$(@($files.Values.Extension) + '.nuspec' | Where-Object { $_ } | Sort-Object -Unique | ForEach-Object { "  <Default Extension=`"$($_.TrimStart('.'))`" ContentType=`"application/octet-stream`" />`n" })
$($files.Keys | Where-Object { -not $files[$_].Extension } | ForEach-Object { "  <Override PartName=`"/$_`" ContentType=`"application/octet-stream`" />`n" })
</Types>
"@

$null = New-Item $Output -ItemType Directory -Force
$package = Get-FilesBelow ''
$package.Insert(0, 'Agb.nuspec', $nuspec)
$package.Insert(0, '_rels/.rels', $relationships)
$package.Insert(0, '[Content_Types].xml', $types)
Write-Archive "$Output/Agb.$version.nupkg" $package
Write-Archive "$Output/Agb-$version.zip" (Get-FilesBelow "Agb/$version/")
