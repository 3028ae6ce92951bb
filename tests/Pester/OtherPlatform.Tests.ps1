# The module as a client elsewhere than on Linux: the platform check is turned by the process's switch.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1

    # Runs a script in a PowerShell in which the module believes that it is on another system.
    function Invoke-Elsewhere([string] $Script) {
        & $Pwsh @PwshLeading -NoProfile -Command "
            `$ErrorActionPreference = 'Stop'
            [AppContext]::SetSwitch('Agb.OtherPlatform', `$true)
            Import-Module '$Root/Agb.psd1'
            $Script"
    }
}

Describe 'On another system' {
    BeforeAll { Initialize-AgbHome }

    AfterAll { Clear-AgbHome }

    It 'the module imports, and says in one sentence what the engine needs: <command>' -Tag Embedded -ForEach @(
        @{ command = 'Get-AgbContext' }, @{ command = 'Connect-Agb /tmp/anywhere' }, @{ command = 'Start-AgbServer' }, @{ command = 'Get-Item agb:/none' }
    ) {
        $said = Invoke-Elsewhere "try { $command } catch { `$_.FullyQualifiedErrorId; `$_.ErrorDetails.Message; `$_.ErrorDetails.RecommendedAction }"
        $said[0] | Should -BeLike 'HostNotReady,*'
        $said[1] | Should -Match '^(The embedded service|A server) needs Linux [^.]*; this is .*\.$'
        $said[2] | Should -BeLike '*Connect-Agb -Endpoint*'
        $env:AGB_HOME | Should -Exist
        # The verdict on this host is the tests' own.
        Get-ChildItem $env:AGB_HOME | Where-Object Name -NE host-probe.json | Should -BeNullOrEmpty
    }

    It 'Test-AgbHost says so, and no completion fails' -Tag Embedded {
        $said = Invoke-Elsewhere "(Test-AgbHost).Status; (TabExpansion2 'Get-AgbContext w').CompletionMatches.Count; (TabExpansion2 'Get-Content agb:/w').CompletionMatches.Count"
        $said | Should -Be Missing, 0, 0
    }

    It 'works on a server, and loads no engine' -Skip:(-not $hostReady) {
        $server = $env:AGB_TEST_SERVER ? $null : (Start-AgbServer http://127.0.0.1:0)
        try {
            if ($server) {
                $env:AGB_ENDPOINT = $server.Endpoint
                $env:AGB_API_KEY = $server.ApiKey | ConvertFrom-SecureString -AsPlainText
            }
            Set-Content $TestDrive/local.txt 'from here'
            $said = Invoke-Elsewhere "
                `$connection = Connect-Agb -Endpoint `$env:AGB_ENDPOINT
                `$context = New-AgbContext elsewhere -Connection `$connection
                `$null = `$context | Send-AgbContextFile -Path '$TestDrive/local.txt' -Destination /home/data
                Get-Content agb:/elsewhere/home/data/local.txt
                `$session = `$context | New-AgbSession -Path /home/data
                (`$session | Invoke-AgbCommand 'cat /home/data/local.txt; echo made > /home/data/made.txt').Stdout.Trim()
                `$null = `$session | Sync-AgbContext
                `$session | Remove-AgbSession -Confirm:`$false
                `$file = `$context | Receive-AgbContextFile -Path /home/data/made.txt -Destination '$TestDrive/out'
                Get-Content `$file.FullName
                Set-Content agb:/elsewhere/home/data/text.txt written
                Get-ChildItem agb:/elsewhere/home/data -Name
                `$context | Remove-AgbContext -Confirm:`$false
                [AppDomain]::CurrentDomain.GetAssemblies().GetName().Name -contains 'Agb.Engine'"
            $said | Should -Be 'from here', 'from here', made, local.txt, made.txt, text.txt, False
        }
        finally {
            if ($server) {
                Stop-AgbServer
                Remove-Item env:AGB_API_KEY, env:AGB_ENDPOINT
            }
        }
    }
}

Describe 'The assemblies that an import or a client loads' {
    BeforeAll {
        # The functions of native libraries that an assembly declares, as library!function.
        function Get-NativeFunction([string] $Assembly) {
            $stream = [IO.File]::OpenRead("$Root/bin/$Assembly.dll")
            $image = [Reflection.PortableExecutable.PEReader]::new($stream)
            try {
                $reader = [Reflection.Metadata.PEReaderExtensions]::GetMetadataReader($image)
                foreach ($handle in $reader.MethodDefinitions) {
                    $method = $reader.GetMethodDefinition($handle)
                    $import = $method.GetImport()
                    if (-not $import.Module.IsNil) {
                        "$($reader.GetString($reader.GetModuleReference($import.Module).Name))!$($reader.GetString($import.Name))"
                    }
                }
            }
            finally {
                $image.Dispose()
            }
        }
    }

    It 'declare no function of a native library: <_>' -ForEach 'Agb.Core', 'Agb.Protocol', 'Agb.Cloud' {
        Get-NativeFunction $_ | Should -BeNullOrEmpty
    }

    It 'call one native function, on Linux alone: Agb.PowerShell' {
        Get-NativeFunction Agb.PowerShell | Should -Be libc!statx
        Get-NativeFunction Agb.Linux | Should -Not -BeNullOrEmpty -Because 'the search finds what is there'
    }

    It 'are looked at by the platform analyzer, as code for every system: <_>' -ForEach 'Agb.Core', 'Agb.Protocol', 'Agb.Cloud', 'Agb.PowerShell' {
        $context = [Runtime.Loader.AssemblyLoadContext]::new('look', $true)
        $assembly = $context.LoadFromAssemblyPath("$Root/bin/$_.dll")
        $platforms = @($assembly.GetCustomAttributesData() | Where-Object { $_.AttributeType.Name -eq 'SupportedOSPlatformAttribute' })
        $platforms.Count | Should -Be 0
        $context.Unload()
    }

    It 'are looked at by the platform analyzer, as code for Linux: <_>' -ForEach 'Agb.Linux', 'Agb.Store', 'Agb.Sandbox', 'Agb.Engine' {
        $context = [Runtime.Loader.AssemblyLoadContext]::new('look', $true)
        $assembly = $context.LoadFromAssemblyPath("$Root/bin/$_.dll")
        $platforms = @($assembly.GetCustomAttributesData() | Where-Object { $_.AttributeType.Name -eq 'SupportedOSPlatformAttribute' })
        $platforms.Count | Should -Be 1
        $context.Unload()
    }
}
