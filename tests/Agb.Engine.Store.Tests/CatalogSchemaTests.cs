namespace Agb.Engine.Store.Tests;

/// <summary>Catalogs of the schema before this one.</summary>
public sealed class CatalogSchemaTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Programs of schema 6 wrote three words into "release"; those of no release in between also wrote why a session had ended.</summary>
    [Theory]
    [InlineData("Lifetime", AgbErrorIds.SessionExpired, "its lifetime was over")]
    [InlineData("Idle", AgbErrorIds.SessionExpired, "idle timeout")]
    [InlineData("Policy", AgbErrorIds.SessionNotFound, "was released at")]
    [InlineData(null, AgbErrorIds.SessionNotFound, "was released at")]
    public async Task What_ended_a_session_is_read_of_schema_6(string? release, string errorId, string why)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Copy);
        var session = await engine.Service.CreateSessionAsync(new AgbSessionRequest { MaxLifetime = TimeSpan.FromDays(1) }, Token);
        await engine.RemoveAsync(session);
        engine.Service.Parts.Catalog.Write(tx =>
        {
            tx.Execute("UPDATE sessions SET release = $release", ("$release", release));
            tx.Execute("ALTER TABLE sessions DROP COLUMN forked_from; DROP TABLE session_forks; ALTER TABLE sessions DROP COLUMN idle_action; ALTER TABLE sessions DROP COLUMN ended; ALTER TABLE layers DROP COLUMN links; ALTER TABLE mounts DROP COLUMN version; ALTER TABLE mounts DROP COLUMN read_only; ALTER TABLE mounts DROP COLUMN step; PRAGMA user_version = 6");
        });
        engine.Reopen();

        for (var i = 0; i < 2; i++)
        {
            var error = await Should.ThrowAsync<AgbException>(() => engine.Service.GetSessionAsync(session, Token));
            error.ErrorId.ShouldBe(errorId);
            error.Message.ShouldContain(why);
        }
        engine.Service.Parts.Catalog.Read(tx => tx.First("SELECT release FROM sessions", r => r.IsDBNull(0) ? null : r.GetString(0)))
            .ShouldBe(release is null ? null : nameof(AgbReleaseMode.Policy));
    }

    [Fact]
    public async Task A_new_catalog_is_one_that_programs_of_schema_6_refuse()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Copy);
        var session = await engine.SessionAsync((await engine.Service.CreateContextAsync("c", cancellationToken: Token)).Id);
        engine.Service.Parts.Catalog.Read(tx => tx.First("PRAGMA user_version", r => r.GetInt64(0).ToString(System.Globalization.CultureInfo.InvariantCulture))).ShouldBe(CatalogSchema.Version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        // What those could not read.
        engine.Service.Parts.Catalog.Write(tx => SessionTable.SetReleasing(tx, session.SessionId, AgbReleaseMode.Policy, SessionEnd.Idle));
        engine.Service.Parts.Catalog.Read(tx => tx.First("SELECT release, ended FROM sessions", r => r.GetString(0) + " " + r.GetString(1))).ShouldBe("Policy Idle");
    }
}
