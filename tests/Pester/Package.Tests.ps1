# The packages as they are: put where a user puts them, in an empty module directory, and used from there by a process that
# sees no other.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
    $version = (Import-PowerShellDataFile "$Root/Agb.psd1").ModuleVersion
    $nupkg, $zip = & "$Root/eng/New-Package.ps1" -Output "$TestDrive/package"

    # Runs a script in a process with a home of its own, where what the user installed or registered is not to be seen.
    function Invoke-Apart([string] $Script) {
        $apart = [IO.Directory]::CreateTempSubdirectory('agb-apart-').FullName
        # PSResourceGet keeps its list of repositories in the working directory when this one does not exist, and PowerShell alone follows XDG_DATA_HOME.
        $null = New-Item "$apart/.local/share" -ItemType Directory
        $environment = @{
            HOME = $apart; XDG_DATA_HOME = $null; XDG_CACHE_HOME = "$apart/cache"; XDG_CONFIG_HOME = "$apart/config"
            AGB_HOME = "$apart/agb"; AGB_API_KEY = $null; PSModulePath = $null
        }
        $before = @{}
        foreach ($name in $environment.Keys) {
            $before[$name] = [Environment]::GetEnvironmentVariable($name)
            [Environment]::SetEnvironmentVariable($name, $environment[$name])
        }
        try {
            & $Pwsh @PwshLeading -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; `$ProgressPreference = 'SilentlyContinue'; $Script"
        }
        finally {
            foreach ($name in $before.Keys) {
                [Environment]::SetEnvironmentVariable($name, $before[$name])
            }
            Remove-Tree $apart
        }
    }

    # What every package is to pass, run where only the given directory and PowerShell's own hold modules.
    function Test-Installed([string] $Directory) {
        Invoke-Apart "
            `$env:PSModulePath = '$Directory' + [IO.Path]::PathSeparator + '$PSHOME/Modules'
            Import-Module Agb
            (Get-Module Agb).ModuleBase
            (Get-Module Agb).Version.ToString()
            (Get-Help New-AgbSession).Synopsis
            (Get-Help about_Agb_Errors | Out-String) -match 'Remedy'
            (Get-FormatData Agb.AgbSession) -is [object]
            `$ctx = New-AgbContext cross-platform-demo
            `$s1 = `$ctx | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/mapping
            `$null = `$s1 | Invoke-AgbCommand 'echo made > /tmp/mapping/file'
            `$null = `$s1 | Sync-AgbContext
            `$s1 | Remove-AgbSession
            `$result = Get-AgbContext cross-platform-demo |
                New-AgbSession -Path /home/data -SyncPolicy (New-AgbSyncPolicy -MappingPath /tmp/mapping) |
                Invoke-AgbCommand 'cat /home/data/file'
            `$result | Remove-AgbSession
            `$result.Stdout.Trim()"
    }
}

Describe 'The packages' {
    It 'hold the same files' {
        [IO.Compression.ZipFile]::ExtractToDirectory($zip, "$TestDrive/compare/zip")
        [IO.Compression.ZipFile]::ExtractToDirectory($nupkg, "$TestDrive/compare/nupkg")
        $hashes = foreach ($folder in "$TestDrive/compare/zip/Agb/$version", "$TestDrive/compare/nupkg") {
            , @(Get-ChildItem $folder -File -Recurse |
                Where-Object FullName -NotMatch 'Content_Types|/_rels/|\.nuspec$' |
                ForEach-Object { [IO.Path]::GetRelativePath($folder, $_.FullName) + ' ' + (Get-FileHash $_).Hash } | Sort-Object)
        }
        $hashes[0] | Should -Be $hashes[1]
        $names = $hashes[0] -replace ' .*'
        $names -notmatch '/' | Sort-Object | Should -Be Agb.psd1, CHANGELOG.md, LICENSE, README.md, THIRD-PARTY.md
        foreach ($name in 'bin/Agb.PowerShell.dll', 'bin/Agb.Server.dll', 'bin/Agb.Pester.psm1', 'bin/agb.context.dsc.resource.json', 'en-US/Agb.PowerShell.dll-Help.xml', 'en-US/about_Agb.help.txt') {
            $names | Should -Contain $name
        }
        $names -match '\.pdb$' | Should -BeNullOrEmpty
        # The server does not start without its list of dependencies.
        $names -match '\.deps\.json$' | Should -Be bin/Agb.Server.deps.json
        $names -match '^bin/runtimes/' | ForEach-Object { ($_ -split '/')[2] } | Sort-Object |
            Should -Be linux-arm64, linux-musl-arm64, linux-musl-x64, linux-x64
    }

    It 'are at most 9 MB, every file once' {
        (Get-Item $zip).Length | Should -BeLessThan 9MB
        (Get-Item $nupkg).Length | Should -BeLessThan 9MB
        $copies = Get-ChildItem "$Root/bin", "$Root/en-US" -File -Recurse | Get-FileHash | Group-Object Hash | Where-Object Count -GT 1
        $copies | ForEach-Object { $_.Group.Path } | Should -BeNullOrEmpty
    }

    It 'are the same bytes each time' {
        $again = & "$Root/eng/New-Package.ps1" -Output "$TestDrive/again"
        (Get-FileHash $again).Hash | Should -Be (Get-FileHash $nupkg, $zip).Hash
    }

    It 'hold the text of the repository, unchanged' {
        [IO.Compression.ZipFile]::ExtractToDirectory($zip, "$TestDrive/text")
        $shipped = "$TestDrive/text/Agb/$version"
        $views, $text = (Get-ChildItem "$Root/src/Agb.PowerShell/Module").Where({ $_.Name -like '*.Format.ps1xml' }, 'Split')
        $text.Count | Should -BeGreaterThan 2
        foreach ($file in 'Agb.psd1', 'LICENSE', 'README.md', 'CHANGELOG.md') {
            (Get-FileHash "$shipped/$file").Hash | Should -Be (Get-FileHash "$Root/$file").Hash -Because $file
        }
        foreach ($file in $text) {
            $place = $file.Name -eq 'THIRD-PARTY.md' ? $shipped : "$shipped/bin"
            (Get-FileHash "$place/$($file.Name)").Hash | Should -Be (Get-FileHash $file).Hash -Because $file.Name
        }
        # The views are shipped in one file.
        $names = { ([xml](Get-Content $args[0] -Raw)).Configuration.ViewDefinitions.View.Name }
        $merged = & $names "$shipped/bin/Agb.Format.ps1xml"
        $merged.Count | Should -BeGreaterThan 20
        $merged | Sort-Object | Should -Be ($views | ForEach-Object { & $names $_ } | Sort-Object)
    }

    It 'have a manifest that is valid by itself' {
        [IO.Compression.ZipFile]::ExtractToDirectory($zip, "$TestDrive/manifest")
        $manifest = Test-ModuleManifest "$TestDrive/manifest/Agb/$version/Agb.psd1" -ErrorAction Stop -WarningAction Stop
        $manifest.RootModule | Should -Be 'bin/Agb.PowerShell.dll'
        $manifest.ExportedCmdlets.Keys | Sort-Object |
            Should -Be ((Import-PowerShellDataFile "$Root/Agb.psd1").CmdletsToExport | Sort-Object)
        $manifest.ReleaseNotes | Should -Match "^$([regex]::Escape($version)): .*CHANGELOG\.md"
        $manifest.Tags | Should -Contain 'PSEdition_Core'
    }

    It 'have the version of the assemblies and of the changelog' {
        ([xml] (Get-Content "$Root/Directory.Build.props" -Raw)).SelectSingleNode('//Version').InnerText | Should -Be $version
        [semver]::new($version).ToString() | Should -Be $version
        Get-Content "$Root/CHANGELOG.md" -Raw | Should -Match "(?m)^## \[$([regex]::Escape($version))\] - \d{4}-\d\d-\d\d$"
    }
}

Describe 'The nupkg' {
    It 'is what NuGet''s own reader takes, with the tags of a module' {
        $reader = Get-ChildItem "$(Split-Path (Get-Command dotnet).Source -Resolve)/sdk", "$env:DOTNET_ROOT/sdk", /usr/lib/dotnet/sdk, /usr/share/dotnet/sdk `
            -Filter NuGet.Packaging.dll -Recurse -Depth 1 -ErrorAction Ignore | Select-Object -Last 1
        if (-not $reader) {
            Set-ItResult -Skipped -Because 'the .NET SDK''s directory is not found'
            return
        }
        # The assembly is newer than what this process may hold already, so it is loaded in another one.
        $read = Invoke-Apart "
            Get-ChildItem '$($reader.DirectoryName)/NuGet.*.dll' | ForEach-Object { `$null = [Reflection.Assembly]::LoadFrom(`$_) }
            `$package = [NuGet.Packaging.PackageArchiveReader]::new('$nupkg')
            `$package.GetIdentity().ToString()
            `$package.NuspecReader.GetAuthors()
            `$package.NuspecReader.GetLicenseMetadata().License
            `$package.NuspecReader.GetTags()"
        $read[0..2] | Should -Be "Agb.$version", 'the Agb authors', 'LICENSE'
        $tags = $read[3] -split ' '
        foreach ($tag in 'PSModule', 'PSEdition_Core', 'Linux', 'PSIncludes_Cmdlet', 'PSCmdlet_New-AgbSession', 'PSCommand_New-AgbSession') {
            $tags | Should -Contain $tag
        }
    }
}

Describe 'Installed' -Skip:(-not $hostReady) {
    It 'from the zip, the module does its main job' {
        [IO.Compression.ZipFile]::ExtractToDirectory($zip, "$TestDrive/from-zip")
        Test-Installed "$TestDrive/from-zip" |
            Should -Be "$TestDrive/from-zip/Agb/$version", $version, (Get-Help New-AgbSession).Synopsis, True, True, 'made'
    }

    It 'from the nupkg, unpacked by hand, the module does its main job' {
        [IO.Compression.ZipFile]::ExtractToDirectory($nupkg, "$TestDrive/by-hand/Agb/$version")
        Test-Installed "$TestDrive/by-hand" |
            Should -Be "$TestDrive/by-hand/Agb/$version", $version, (Get-Help New-AgbSession).Synopsis, True, True, 'made'
    }

    It 'from a folder by PSResourceGet, the module is found, installed, used, updated and removed as the README says' {
        # A later version of the same module: its manifest alone says so.
        $null = New-Item "$TestDrive/later" -ItemType Directory
        (Get-Content "$Root/Agb.psd1" -Raw).Replace("= '$version'", "= '99.0.0'") | Set-Content "$TestDrive/later/Agb.psd1"
        Copy-Item "$TestDrive/package" "$TestDrive/repository" -Recurse
        $later, $null = & "$Root/eng/New-Package.ps1" -Manifest "$TestDrive/later/Agb.psd1" -Output "$TestDrive/later-package"

        $said = Invoke-Apart "
            Register-PSResourceRepository Agb -Uri '$TestDrive/repository' -Trusted
            `$found = Find-PSResource Agb -Repository Agb
            `$found.Version.ToString(); `$found.Type; `$found.Author
            Install-PSResource Agb -Repository Agb
            (Get-InstalledPSResource Agb).Version.ToString()
            (Get-Module Agb -ListAvailable).Version.ToString()
            (New-AgbSyncPolicy -MappingPath /tmp/mapping).Mapping.Path
            Copy-Item '$later' '$TestDrive/repository'
            Update-PSResource Agb
            (Get-Module Agb -ListAvailable).Version | Sort-Object | ForEach-Object ToString
            Uninstall-PSResource Agb -Version '*'
            @(Get-Module Agb -ListAvailable).Count"
        $said | Should -Be $version, 'Module', 'the Agb authors', $version, $version, '/tmp/mapping', $version, '99.0.0', 0
    }

    It 'from the nupkg, the module starts a server, uses it and stops it' {
        [IO.Compression.ZipFile]::ExtractToDirectory($nupkg, "$TestDrive/for-server/Agb/$version")
        $said = Invoke-Apart "
            `$env:PSModulePath = '$TestDrive/for-server' + [IO.Path]::PathSeparator + '$PSHOME/Modules'
            Import-Module Agb
            ([Management.Automation.CommandCompletion]::CompleteInput('New-AgbSess', 11, `$null)).CompletionMatches.CompletionText
            # Tab makes no store, and its first one on a busy host may come before that is open.
            `$null = New-AgbContext local
            `$tab = ''
            for (`$try = 0; -not `$tab -and `$try -lt 20; `$try++) {
                `$tab = ([Management.Automation.CommandCompletion]::CompleteInput('New-AgbSession -ImageId agb-c', 29, `$null)).CompletionMatches.CompletionText -join ' '
            }
            `$tab
            `$server = Start-AgbServer http://127.0.0.1:0
            try {
                `$connection = Connect-Agb -Endpoint `$server.Endpoint -ApiKey `$server.ApiKey
                `$session = New-AgbContext web -Connection `$connection | New-AgbSession -Path /srv/web
                (`$session | Invoke-AgbCommand 'echo served > /srv/web/f; cat /srv/web/f').Stdout.Trim()
                `$session | Remove-AgbSession
                (Get-AgbContextFile web -Connection `$connection -Path /srv/web).Name
            }
            finally {
                Stop-AgbServer
            }
            # A zombie has ended too, until its parent looks.
            `$state = Get-Content `"/proc/`$(`$server.ProcessId)/stat`" -ErrorAction Ignore
            [bool] (`$state -and `$state -notmatch '\) Z ')"
        $said[0] | Should -Be New-AgbSession
        $said[1] | Should -Match 'agb-code-space-1'
        $said | Select-Object -Skip 2 | Should -Be served, f, False
    }
}
