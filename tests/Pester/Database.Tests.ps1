# A real database in a context: made in one session type, changed in another, read in the first.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'A SQLite database in a context' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        $context = New-AgbContext database
        $browser = $context | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/mapping
        $tool = ($browser | Invoke-AgbCommand 'command -v sqlite3 || { python3 -c "import sqlite3" && echo python3; }').Stdout.Trim()

        function Invoke-Sql([string] $Sql, $Session, [string] $Database) {
            $command = $tool -like '*sqlite3' ? "sqlite3 '$Database' `"`$SQL`"" : @"
python3 - <<'PY'
import os, sqlite3
db = sqlite3.connect('$Database')
for statement in os.environ['SQL'].split(';'):
    for row in db.execute(statement):
        print('|'.join(str(column) for column in row))
db.commit()
PY
"@
            $result = $Session | Invoke-AgbCommand $command -Environment @{ SQL = $Sql }
            $result.Success | Should -BeTrue -Because $result.Stderr
            $result.Stdout.Trim()
        }
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'is whole in every session that sees it' {
        if (-not $tool) {
            Set-ItResult -Skipped -Because 'neither sqlite3 nor python3 is in the image'
            return
        }
        $null = Invoke-Sql 'create table visits (n integer, url text)' -Session $browser -Database /tmp/mapping/app.db
        $null = Invoke-Sql 'with recursive c(n) as (select 1 union all select n + 1 from c where n < 20000) insert into visits select n, hex(n * 7919) from c' -Session $browser -Database /tmp/mapping/app.db
        $sum = Invoke-Sql 'select count(*), sum(n), max(url) from visits' -Session $browser -Database /tmp/mapping/app.db
        $browser | Sync-AgbContext | ForEach-Object Status | Should -Be Success
        $browser | Remove-AgbSession

        $code = $context | New-AgbSession -ImageId agb-code-space-1 -Path /home/data -MappingPath /tmp/mapping
        Invoke-Sql 'pragma integrity_check' -Session $code -Database /home/data/app.db | Should -Be ok
        Invoke-Sql 'select count(*), sum(n), max(url) from visits' -Session $code -Database /home/data/app.db | Should -Be $sum
        $null = Invoke-Sql 'delete from visits where n % 2 = 0' -Session $code -Database /home/data/app.db
        $null = Invoke-Sql 'create index by_url on visits(url)' -Session $code -Database /home/data/app.db
        $code | Remove-AgbSession

        $again = $context | New-AgbSession -ImageId agb-browser-use-1 -Path /tmp/mapping
        Invoke-Sql 'pragma integrity_check' -Session $again -Database /tmp/mapping/app.db | Should -Be ok
        Invoke-Sql 'select count(*) from visits' -Session $again -Database /tmp/mapping/app.db | Should -Be 10000
    }
}
