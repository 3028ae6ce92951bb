#!/usr/bin/env bash
# Microsoft.Data.Sqlite 10.0.14 with pooling, its default.
# Expected: a connection that comes from the pool is in no transaction, as ADO.NET's other pools see to.
# Seen: a connection that was closed between a BEGIN sent as text and its end goes back to the pool as it is. The next user of the pool gets it inside
#   that transaction: its own BEGIN fails, or its writes are lost with a rollback that somebody else makes. SqliteTransaction has no such trouble.
# For users: after an exception, roll back by hand or use BeginTransaction.
set -u
command -v dotnet >/dev/null || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_HOME="$work/cli" DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
cat > "$work/pool.cs" <<'C'
#:package Microsoft.Data.Sqlite@10.0.14
#:property PublishAot=false
using Microsoft.Data.Sqlite;
var text = $"Data Source={args[0]}";
string Run(SqliteConnection connection, string sql)
{
    using var command = connection.CreateCommand();
    command.CommandText = sql;
    return $"{command.ExecuteScalar()}";
}
using (var first = new SqliteConnection(text))
{
    first.Open();
    Console.WriteLine($"Microsoft.Data.Sqlite {typeof(SqliteConnection).Assembly.GetName().Version}, SQLite {first.ServerVersion}");
    Run(first, "CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1);");
}
using var second = new SqliteConnection(text);
second.Open();
try
{
    Run(second, "BEGIN");
    Console.WriteLine("a connection from the pool: BEGIN succeeds");
}
catch (SqliteException e)
{
    Console.WriteLine($"a connection from the pool: BEGIN fails: {e.Message}");
    Console.WriteLine($"it sees the uncommitted row: {Run(second, "SELECT count(*) FROM t")}");
}
C
said=$(dotnet run "$work/pool.cs" -- "$work/test.db") || exit 77
echo "$said"
echo "$said" | grep -q 'cannot start a transaction within a transaction' && echo "$said" | grep -q 'uncommitted row: 1'
