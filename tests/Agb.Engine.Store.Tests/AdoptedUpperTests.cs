namespace Agb.Engine.Store.Tests;

/// <summary>Releases make a session's tree a layer without another look at it: what its sums say must be what is there.</summary>
public sealed class TakenOverTreeTests
{
    private const string Kinds = """
        cd /data; mkdir -p a a/b empty closed d; echo 1 > a/f; echo 22 > a.f; echo 333 > a/b/f; ln -s a/f link; ln -s nowhere a/dangling
        mkfifo pipe; ln a/f a/second; chmod 640 a/f; chmod 4755 a.f; : > none; touch -d @1000000000.123456789 a/b/f
        echo x > closed/f; chmod 0 closed/f; chmod 500 closed; touch -d @1500000000 a; printf 'odd' > "$(printf 'n\351\nme')"; echo 1 > d/f
        """;

    private const string Changes = "cd /data; rm a.f; rm -r d; mkdir d; echo new > d/new; mkdir -p new/below; echo n > new/below/f; rm link; mkdir link; chmod 700 a";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Cases => new()
    {
        { "nothing more", "true" },
        { "something that is not stored", "perl -e 'use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un(q(/data/s)))'" },
        { "a file that was opened but not changed", "true >> /data/a/b/f" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Its_sums_are_what_is_there(string what, string also)
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await FirstVersionAsync(engine);
        RequireSums(engine, 1, "the first version");

        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, Changes);
        await engine.RunAsync(session, also);
        await engine.RemoveAsync(session);

        RequireSums(engine, 2, what);
    }

    [Fact]
    public async Task They_are_where_the_context_was_changed_meanwhile()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await FirstVersionAsync(engine);
        var (one, other) = (await engine.SessionAsync(context.Id), await engine.SessionAsync(context.Id));
        await engine.RunAsync(one, "cd /data; echo new > d/one; rm -r a; mkdir -p e");
        await engine.RunAsync(other, Changes);

        await engine.RemoveAsync(one);
        await engine.RemoveAsync(other);

        RequireSums(engine, 3, "another session's changes");
    }

    [Fact]
    public async Task They_are_where_deletions_are_not_mirrored()
    {
        await using var engine = await EngineFixture.CreateAsync(MountKind.Overlay);
        var context = await FirstVersionAsync(engine);
        var policy = new AgbSyncPolicy { Delete = new AgbDeletePolicy { SyncLocalFile = false } };
        var session = await engine.SessionAsync(context.Id, policy: policy);
        await engine.RunAsync(session, Changes);

        await engine.RemoveAsync(session);

        RequireSums(engine, 2, "deletions that are not mirrored");
    }

    private static async Task<AgbContext> FirstVersionAsync(EngineFixture engine)
    {
        var context = await engine.Service.CreateContextAsync("tree", cancellationToken: Token);
        var session = await engine.SessionAsync(context.Id);
        await engine.RunAsync(session, Kinds);
        await engine.RemoveAsync(session);
        return context;
    }

    private static void RequireSums(EngineFixture engine, int layers, string what)
    {
        var directories = Directory.GetDirectories(Path.Combine(engine.Home, "layers"));
        directories.Length.ShouldBe(layers, what);
        foreach (var directory in directories)
        {
            using var tree = Fd.OpenTree(Path.Combine(directory, "tree"));
            var there = new LayerWalk(Token).Read(tree);
            there.Count.ShouldBeGreaterThan(3);
            LayerSums.Load(directory).ShouldNotBeNull().Entries.Select(e => e.WithoutContent).ShouldBe(there, what);
        }
    }
}
