using System.Globalization;
using Agb.Benchmarks.Measure;
using Agb.Benchmarks.Peers.Server;

namespace Agb.Benchmarks.Work;

/// <summary>A large file read with curl through a presigned URL, beside the same from a server of static files; and what of it
/// the server holds in memory.</summary>
internal sealed class ServerFileWork : Benchmark
{
    private const string Path = "/home/large/file";

    /// <inheritdoc/>
    internal override string Name => "server-file";

    /// <inheritdoc/>
    internal override async IAsyncEnumerable<Row> RunAsync(TestStand stand)
    {
        var mebibytes = stand.Quick ? 8 : 1024;
        var work = string.Create(CultureInfo.InvariantCulture, $"a file of {mebibytes:N0} MiB by curl from a presigned URL");
        var content = System.IO.Path.Combine(stand.NewDirectory("static"), "file");
        await stand.Programs.ShellAsync($"head -c {mebibytes}M /dev/urandom > {content}").ConfigureAwait(false);
        var server = await LocalServer.StartAsync(stand.NewDirectory(Name)).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            using var service = server.Connect();
            var context = await service.CreateContextAsync("large").ConfigureAwait(false);
            var put = new AgbContextFileChange.Put(Path, _ => Task.FromResult<Stream>(File.OpenRead(content)));
            await service.ChangeContextFilesAsync(context, new AgbContextFileChange[] { put }.ToAsyncEnumerable()).ConfigureAwait(false);
            var url = await new SdkClient(server.Url).DownloadUrlAsync(context.Id, Path).ConfigureAwait(false);
            var before = server.PeakMiB;
            var ours = new Side("agb", "curl from the server", () => stand.Programs.RunAsync("curl", "-fsS", "-o", "/dev/null", url));
            foreach (var row in await CompareAsync(stand, work, content, ours).ConfigureAwait(false))
            {
                yield return row;
            }
            yield return new Row
            {
                Name = Name + "/memory",
                Work = $"{work}: the most memory that the server has held",
                Peer = "before the first of them",
                Unit = "MiB",
                Ours = new Samples([server.PeakMiB]),
                Theirs = new Samples([before]),
            };
        }
    }

    private async Task<IReadOnlyList<Row>> CompareAsync(TestStand stand, string work, string content, Side ours)
    {
        const string Peer = "curl from nginx";
        if (stand.Programs.WhyMissing("nginx", "curl") is { } reason)
        {
            return [new Row { Name = Name + "/nginx", Work = work, Peer = Peer, Missing = reason }];
        }
        var root = System.IO.Path.GetDirectoryName(content)!;
        var nginx = await StaticServer.StartAsync(stand.Programs.Find("nginx")!, root, stand.NewDirectory("nginx")).ConfigureAwait(false);
        await using (nginx.ConfigureAwait(false))
        {
            var theirs = new Side(
                "nginx", Peer, () => stand.Programs.RunAsync("curl", "-fsS", "-o", "/dev/null", new Uri(nginx.Url, "file").AbsoluteUri))
            {
                Target = 1.5,
            };
            return await new Comparison(Name, work, ours, theirs).RunAsync(stand.LongRuns, stand.WarmUps, stand.Stopping).ConfigureAwait(false);
        }
    }
}
