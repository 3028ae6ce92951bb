# The module as such: what it exports, how it loads, and that every cmdlet keeps the customs.
BeforeDiscovery {
    . $PSScriptRoot/Support.ps1
    $commands = Get-Command -Module Agb
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'The manifest' {
    BeforeAll {
        $manifest = Import-PowerShellDataFile "$Root/Agb.psd1"
    }

    It 'is valid' {
        { Test-ModuleManifest "$Root/Agb.psd1" -ErrorAction Stop -WarningAction Stop } | Should -Not -Throw
    }

    It 'names every cmdlet of the assembly and nothing else' {
        $inAssembly = [Agb.PowerShell.AgbConnection].Assembly.GetExportedTypes() |
            ForEach-Object { $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" } | Sort-Object
        $manifest.CmdletsToExport | Sort-Object | Should -Be $inAssembly
        (Get-Command -Module Agb).Name | Sort-Object | Should -Be $inAssembly
        @($manifest.FunctionsToExport) + $manifest.AliasesToExport + $manifest.VariablesToExport | Should -BeNullOrEmpty
    }
}

Describe 'Loading' {
    It 'can happen again, and anew after removal' {
        $counts = & $Pwsh @PwshLeading -NoProfile -Command "
            Import-Module '$Root/Agb.psd1'; (Get-Command -Module Agb).Count
            Import-Module '$Root/Agb.psd1' -Force; (Get-Command -Module Agb).Count
            Remove-Module Agb; (Get-Command -Module Agb).Count
            Import-Module '$Root/Agb.psd1'; (New-AgbSyncPolicy).Upload.AutoUpload"
        $count = (Import-PowerShellDataFile "$Root/Agb.psd1").CmdletsToExport.Count
        $counts | Should -Be $count, $count, 0, True
    }

    It 'works in two runspaces of one process' {
        $one, $two = 1..2 | ForEach-Object { Start-Pipeline 'New-AgbSyncPolicy -MappingPath /tmp/mapping' }
        $one.Shell.EndInvoke($one.Run).Mapping.Path | Should -Be /tmp/mapping
        $two.Shell.EndInvoke($two.Run).Mapping.Path | Should -Be /tmp/mapping
    }

    It 'works in parallel' {
        $paths = 1..6 | ForEach-Object -Parallel {
            Import-Module "$using:Root/Agb.psd1"
            (New-AgbSyncPolicy -MappingPath "/tmp/$_").Mapping.Path
        } -ThrottleLimit 6
        $paths | Sort-Object | Should -Be (1..6 | ForEach-Object { "/tmp/$_" })
    }

    It 'lets scripts name the types' {
        [Agb.AgbSyncPolicy]::new().Upload.AutoUpload | Should -BeTrue
        & { param([Agb.AgbSyncPolicy] $Policy) $Policy.Mapping.Path } (New-AgbSyncPolicy -MappingPath /a) | Should -Be /a
    }

    It 'works in thread jobs' {
        if (-not (Get-Command Start-ThreadJob -ErrorAction Ignore)) {
            Set-ItResult -Skipped -Because 'this PowerShell has no thread jobs'
            return
        }
        $jobs = 1..3 | ForEach-Object {
            $number = $_
            Start-ThreadJob {
                Import-Module "$using:Root/Agb.psd1"
                (New-AgbSyncPolicy -MappingPath "/tmp/$using:number").Mapping.Path
            }
        }
        $jobs | Receive-Job -Wait -AutoRemoveJob | Sort-Object | Should -Be /tmp/1, /tmp/2, /tmp/3
    }

    It 'works on one store in parallel' {
        Initialize-AgbHome
        try {
            $names = 1..6 | ForEach-Object -Parallel {
                Import-Module "$using:Root/Agb.psd1"
                (New-AgbContext "parallel-$_").Name
            } -ThrottleLimit 6
            $names | Sort-Object | Should -Be (1..6 | ForEach-Object { "parallel-$_" })
            (Get-AgbContext).Count | Should -Be 6
        }
        finally {
            Clear-AgbHome
        }
    }

    It 'loads neither the engine nor any third-party assembly, and touches no store' {
        # A home that any look at would show: the engine refuses it.
        $store = New-Item "$TestDrive/store" -ItemType Directory
        Set-Content "$store/format" 'no format'
        Set-Content "$store/catalog.db" 'not a database'
        $loaded = & $Pwsh @PwshLeading -NoProfile -Command "
            `$ErrorActionPreference = 'Stop'
            `$env:AGB_HOME = '$store'
            Import-Module '$Root/Agb.psd1'
            `$null = New-AgbSyncPolicy
            [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { `$_.Location.StartsWith('$Root') } | ForEach-Object { `$_.GetName().Name }"
        $loaded | Sort-Object | Should -Be Agb.Core, Agb.PowerShell
        (Get-ChildItem $store -Recurse -Force).Name | Sort-Object | Should -Be catalog.db, format
    }

    It 'makes no home' {
        & $Pwsh @PwshLeading -NoProfile -Command "`$env:AGB_HOME = '$TestDrive/never'; Import-Module '$Root/Agb.psd1'; (New-AgbSyncPolicy).Upload.AutoUpload" |
            Should -BeTrue -Because 'the module was imported and used'
        "$TestDrive/never" | Should -Not -Exist
    }

    It 'of a checkout without a build says which file is missing' {
        $checkout = New-Item -ItemType Directory "$TestDrive/checkout"
        Copy-Item "$Root/Agb.psd1" $checkout
        $said = & $Pwsh @PwshLeading -NoProfile -Command "try { Import-Module '$TestDrive/checkout/Agb.psd1' -ErrorAction Stop } catch { `"`$_`" }"
        "$said" | Should -Match '/checkout/bin/.* does not exist'
    }
}

Describe '<_.Name>' -ForEach $commands {
    BeforeAll {
        $command = $_
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        $parameters = $command.Parameters.Values | Where-Object Name -NotIn $common
    }

    It 'has an approved verb' {
        (Get-Verb $command.Verb).Verb | Should -Be $command.Verb
    }

    It 'says what it emits' {
        $command.OutputType | Should -Not -BeNullOrEmpty
    }

    It 'explains each parameter' {
        foreach ($parameter in $parameters) {
            foreach ($set in $parameter.ParameterSets.Values) {
                $set.HelpMessage | Should -Not -BeNullOrEmpty -Because "-$($parameter.Name) needs a help message"
            }
        }
    }

    It 'takes no dynamic parameters' {
        $command.ImplementingType.GetInterface('IDynamicParameters') | Should -BeNullOrEmpty
    }
}

Describe 'The scripts of this repository' {
    It 'are clean: <_>' -ForEach @('build.ps1', 'Agb.psd1', 'src/Agb.PowerShell/Module', 'eng', 'tests') {
        if (-not (Get-Module PSScriptAnalyzer -ListAvailable)) {
            Set-ItResult -Skipped -Because 'PSScriptAnalyzer is not installed'
            return
        }
        $findings = Invoke-ScriptAnalyzer "$Root/$_" -Recurse -Settings "$Root/tests/Pester/AnalyzerSettings.psd1"
        $findings | Format-Table RuleName, ScriptName, Line, Message | Out-String | Should -BeNullOrEmpty
    }
}
