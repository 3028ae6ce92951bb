using Agb.Engine.Tests.Conformance;
using Agb.Conformance;

namespace Agb.Engine.Tests.Store;

/// <summary>rename(2) of a directory of an earlier version works just where the host check says so, for root and for others.</summary>
public sealed class DirectoryRenameTests : EngineTest
{
    private const string Path = "/home/data";

    [Fact]
    public async Task The_host_check_says_what_happens()
    {
        var row = (await AgbHost.CheckAsync(Home.Path, Token)).Single(r => r.Name == "directory renames");
        (await RenameAsync(MountKind.Auto)).ShouldBe(row.Status == AgbHostCheckStatus.Ok ? 0 : 18, row.ToString());
    }

    [Fact]
    public async Task In_a_copy_it_works_for_everybody() => (await RenameAsync(MountKind.Copy)).ShouldBe(0);

    /// <returns>0, or the error number of rename(2). mv copies then, so that the next version is the same.</returns>
    private async Task<int> RenameAsync(MountKind kind)
    {
        var service = Open(kind: kind);
        var context = await service.CreateContextAsync("c", cancellationToken: Token);
        await DoAsync("mkdir -p d/e; echo 1 > d/e/f");
        var errno = await DoAsync("perl -e 'print rename(q(d), q(n)) ? 0 : 0 + $!'; if [ -e d ]; then mv d n; fi");
        (await AskAsync(service, context, Path, "find . -type f; cat n/e/f")).ShouldBe("./n/e/f\n1");
        return int.Parse(errno, System.Globalization.CultureInfo.InvariantCulture);

        async Task<string> DoAsync(string command)
        {
            var session = await service.CreateSessionAsync(new AgbSessionRequest { ContextSyncs = [context.At(Path)] }, Token);
            var said = await ShellAsync(service, session, $"cd {Path}; {command}");
            await service.RemoveSessionAsync(session, cancellationToken: Token);
            return said;
        }
    }
}
