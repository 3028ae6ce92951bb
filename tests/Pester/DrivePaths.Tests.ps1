# Paths of the drive: odd names, relative ones, and those that name their service by themselves.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Names on the drive' {
    BeforeEach {
        $connection = New-MemoryConnection
        $context = New-AgbContext store -Connection $connection
        $null = New-PSDrive t -PSProvider AgbContext -Root / -Connection $connection -Scope Global
    }

    AfterEach {
        Set-Location $Root
        Remove-PSDrive t -Scope Global
    }

    It 'work by -LiteralPath: <name>' -ForEach @(
        @{ name = 'odd[1].txt' }, @{ name = 'two words' }, @{ name = "it's" }, @{ name = 'say "so"' }, @{ name = 'back\slash' }, @{ name = '\begin' }
        @{ name = 'dollar$x' }, @{ name = 'tick`' }, @{ name = 'star*' }, @{ name = 'a:b' }, @{ name = 'ünïcode' }, @{ name = 'all [of] ''it'' "\" $y' }, @{ name = '-dash' }, @{ name = '~' }
    ) {
        $connection.Service.Store($context.Id, "/srv/$name", "text of it`n")
        $path = "t:/store/srv/$name"
        Test-Path -LiteralPath $path | Should -BeTrue
        $item = Get-Item -LiteralPath $path
        $item.Name | Should -BeExactly $name
        $item.PSChildName | Should -BeExactly $name
        $item.FullName | Should -BeExactly $path
        Get-Content -LiteralPath $path | Should -Be 'text of it'
        (Get-ChildItem t:/store/srv).Name | Should -BeExactly $name
        (Get-ChildItem t:/store/srv | Get-Item).Name | Should -BeExactly $name
        Get-ChildItem t:/store/srv | Get-Content | Should -Be 'text of it'
        Copy-Item -LiteralPath $path t:/store/copy
        Get-Content t:/store/copy | Should -Be 'text of it'
        Set-Content -LiteralPath $path changed
        Get-Content -LiteralPath $path | Should -Be changed
        Rename-Item -LiteralPath $path plain
        Get-Content t:/store/srv/plain | Should -Be changed
        Rename-Item t:/store/srv/plain $name
        Get-ChildItem t:/store/srv | Remove-Item
        Get-ChildItem t:/store/srv | Should -BeNullOrEmpty
    }

    It 'tell cases apart' {
        $connection.Service.Store($context.Id, '/srv/a.txt', 'small')
        $connection.Service.Store($context.Id, '/srv/A.txt', 'large')
        Get-Content t:/store/srv/a.txt | Should -Be small
        Get-Content t:/store/srv/A.txt | Should -Be large
        Test-Path t:/store/SRV | Should -BeFalse
        Remove-Item t:/store/srv/A.txt
        (Get-ChildItem t:/store/srv).Name | Should -BeExactly a.txt
    }

    It 'may be written with backslashes between them' {
        $connection.Service.Store($context.Id, '/srv/sub/a.txt', 'text')
        Get-Content t:\store\srv\sub\a.txt | Should -Be text
        Get-Content t:/store/srv\sub\a.txt | Should -Be text
        (Get-ChildItem t:\store\srv\sub\*.txt).Name | Should -Be a.txt
        (Get-ChildItem t:/store/srv\sub\*.txt).Name | Should -Be a.txt
        Set-Content t:/store\srv\sub\new.txt new
        Get-Content t:/store/srv/sub/new.txt | Should -Be new
        Remove-Item t:\store\srv\sub\new.txt
        (Get-ChildItem t:/store/srv/sub).FullName | Should -Be t:/store/srv/sub/a.txt
    }

    It 'may be relative' {
        $connection.Service.Store($context.Id, '/srv/sub/a.txt', 'text')
        Set-Location t:/store/srv
        (Get-ChildItem).Name | Should -Be sub
        Get-Content sub/a.txt | Should -Be text
        Get-Content ./sub/../sub/./a.txt | Should -Be text
        Set-Location sub
        "$PWD" | Should -Be t:/store/srv/sub
        Set-Location ..
        "$PWD" | Should -Be t:/store/srv
        Set-Location ../..
        (Get-ChildItem).Name | Should -Be store
        Set-Location store/srv
        Resolve-Path sub/a.txt -Relative | Should -Be ./sub/a.txt
        Set-Location sub
        Resolve-Path ../../srv/sub/a.txt -Relative | Should -Be ./a.txt
        Set-Content ../beside.txt beside
        Get-Content t:/store/srv/beside.txt | Should -Be beside
        (Resolve-Path t:/store/*/s*).Path | Should -Be t:/store/srv/sub
        Join-Path t:/store/srv sub/a.txt | Should -Be t:/store/srv/sub/a.txt
        Split-Path t:/store/srv/a.txt | Should -Be t:/store/srv
        Split-Path t:/store/srv/a.txt -Leaf | Should -Be a.txt
        Convert-Path t:/store/srv | Should -Be t:/store/srv
    }

    It 'make symbolic links' {
        (New-Item t:/store/srv/link -ItemType SymbolicLink -Value a.txt).LinkTarget | Should -Be a.txt
        Get-ErrorIdOf { New-Item t:/store/srv/pipe -ItemType Junction -Value a.txt } | Should -Be InvalidRequest
    }

    It 'copy by a filter' {
        'x.txt', 'y.log', 'in/z.txt' | ForEach-Object { $connection.Service.Store($context.Id, "/srv/$_", 'x') }
        Copy-Item t:/store/srv t:/store/copy -Recurse -Filter *.txt
        Get-ChildItem t:/store/copy -Recurse -Name -File | Sort-Object | Should -Be in/z.txt, x.txt
    }
}

Describe 'Content on the drive' {
    BeforeAll {
        $connection = New-MemoryConnection
        $context = New-AgbContext store -Connection $connection
        $null = New-PSDrive t -PSProvider AgbContext -Root / -Connection $connection -Scope Global
    }

    AfterAll { Remove-PSDrive t -Scope Global }

    It 'is written as the file system does, and read back, in <_>' -ForEach 'ascii', 'unicode', 'bigendianunicode', 'utf8', 'utf8BOM', 'utf8NoBOM', 'utf32', 'bigendianutf32', 'latin1', 1252 {
        $text = $_ -eq 'ascii' ? 'plain' : 'grün'
        Set-Content t:/store/text $text -Encoding $_
        Add-Content t:/store/text second -Encoding $_
        Set-Content $TestDrive/text $text -Encoding $_
        Add-Content $TestDrive/text second -Encoding $_
        (Get-Content t:/store/text -AsByteStream -Raw) | Should -Be (Get-Content $TestDrive/text -AsByteStream -Raw)
        Get-Content t:/store/text -Encoding $_ | Should -Be $text, second
    }

    It 'may be an encoding object, and no other word' {
        Set-Content t:/store/text grün -Encoding ([Text.Encoding]::Unicode)
        Get-Content t:/store/text | Should -Be grün
        (Get-ErrorOf { Set-Content t:/store/text x -Encoding none }).Exception.Message | Should -BeLike "*'none' is not an encoding*utf8BOM*"
    }

    It 'may be read in parts' {
        1..5000 | Set-Content t:/store/lines
        (Get-Content t:/store/lines -ReadCount 0).Count | Should -Be 5000
        Get-Content t:/store/lines -TotalCount 2 | Should -Be 1, 2
    }
}

Describe 'Paths without a drive' {
    BeforeAll {
        $env:AGB_HOME = [IO.Directory]::CreateTempSubdirectory('agb-pester-').FullName
        $default = New-AgbContext store
        $null = 'text' | Set-Content agb:/store/a.txt
        $connection = New-MemoryConnection
        $other = New-AgbContext store -Connection $connection
        $connection.Service.Store($other.Id, '/a.txt', 'of another service')

        # The path of an object that did not come from a drive.
        function Get-ProviderPath($Context, [string] $Path) {
            $type = [Agb.PowerShell.AgbConnection].Assembly.GetType('Agb.PowerShell.DrivePath')
            $type.GetMethod('PSPathOf', [Reflection.BindingFlags] 'NonPublic, Static').Invoke($null, @($Context.Service, $Context.Id, $Path))
        }
    }

    AfterAll {
        Remove-Tree $env:AGB_HOME
        Remove-Item env:AGB_HOME
    }

    It 'are those of the environment''s service' {
        Get-Content -LiteralPath 'Agb\AgbContext::/store/a.txt' | Should -Be text
        Get-Content 'AgbContext::/store/a.txt' | Should -Be text
        (Get-ChildItem AgbContext::/store).Name | Should -Be a.txt
    }

    It 'keep the service of an object, through <cmdlet>' -ForEach @(
        @{ cmdlet = 'Get-Item'; act = { (Get-Item -LiteralPath $path).Length }; expected = 18 }
        @{ cmdlet = 'Get-Content'; act = { Get-Content -LiteralPath $path }; expected = 'of another service' }
        @{ cmdlet = 'a PSPath by pipeline'; act = { [pscustomobject]@{ PSPath = $path } | Get-Content }; expected = 'of another service' }
        @{ cmdlet = 'Copy-Item'; act = { Copy-Item -LiteralPath $path -Destination ($path -replace 'a.txt$', 'b.txt'); $connection.Service.GetContextFileAsync($other.Id, '/b.txt').Result.Size }; expected = 18 }
        @{ cmdlet = 'Test-Path'; act = { Test-Path -LiteralPath $path }; expected = $true }
        @{ cmdlet = 'Remove-Item'; act = { Remove-Item -LiteralPath $path; Test-Path -LiteralPath $path }; expected = $false }
    ) {
        $path = Get-ProviderPath $other /a.txt
        & $act | Should -Be $expected
        Get-Content agb:/store/a.txt | Should -Be text
    }

    It 'are the same in another process, for a service that the environment names' {
        $path = Get-ProviderPath $default /a.txt
        $said = & $Pwsh @PwshLeading -NoProfile -Command "Import-Module '$Root/Agb.psd1'; Get-Content -LiteralPath '$path'"
        $said | Should -Be text
    }

    It 'fail for a service that is not here, and touch no other: <path>' -ForEach @(
        @{ path = 'AgbContext::agb.0123456789ab:/store/a.txt' }, @{ path = 'AgbContext::gone:/store/a.txt' }
    ) {
        foreach ($act in { Get-Content -LiteralPath $path }, { Get-Item -LiteralPath $path }, { Remove-Item -LiteralPath $path }, { Set-Content -LiteralPath $path x }) {
            $failure = Get-ErrorOf $act
            ($failure.FullyQualifiedErrorId -split ',')[0] | Should -Be ServiceNotAvailable -Because "$act"
        }
        Get-Content agb:/store/a.txt | Should -Be text
    }
}
