using System.Globalization;
using Agb.Cloud.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Agb.Cloud.Tests.Plain;

/// <summary>The memory is that of the whole process, so no other test may run meanwhile.</summary>
[CollectionDefinition(nameof(LargeFileTests), DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>Files go through presigned URLs as they come: never whole in memory.</summary>
[Collection(nameof(LargeFileTests))]
public sealed class LargeFileTests
{
    private const long Size = 512L * 1024 * 1024;
    private const long Allowed = 64L * 1024 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_file_is_read_and_written_with_little_memory()
    {
        // What other tests left behind is not this one's.
        GC.GetTotalMemory(forceFullCollection: true);
        long received = 0;
        await using var server = await LocalServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/store")
            {
                received = await ServeAsync(context);
                return;
            }
            context.Response.StatusCode = context.Request.Path == "/agb/info" ? 404 : 200;
            await context.Response.WriteAsync(FakeAgb.Envelope(context.Request.Path == "/sdk/DescribeContextFiles"
                ? $$"""[{"filePath":"/f","fileName":"f","size":{{Size.ToString(CultureInfo.InvariantCulture)}}}]"""
                : $$"""{"url":"http://{{context.Request.Host}}/store?sig=1"}"""));
        });
        using var service = new AgbCloudService(new AgbCloudOptions { Endpoint = server.Url.AbsoluteUri, ApiKey = "k" });

        var most = 0L;
        await using (var content = await service.OpenContextFileAsync(new ContextId("c"), "/f", null, 0, Token))
        {
            most = Math.Max(most, await ReadAllAsync(content.Content));
        }
        var zeros = new Zeros(Size, () => most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false)));
        await service.ChangeContextFilesAsync(
            new ContextId("c"), new AgbContextFileChange[] { new AgbContextFileChange.Put("/f", _ => Task.FromResult<Stream>(zeros)) }.ToAsyncEnumerable(), Token);
        received.ShouldBe(Size);
        most.ShouldBeLessThan(GC.GetTotalMemory(forceFullCollection: true) + Allowed);
    }

    private static async Task<long> ReadAllAsync(Stream stream)
    {
        var (total, most, buffer) = (0L, 0L, new byte[64 * 1024]);
        while (await stream.ReadAsync(buffer, Token) is > 0 and var count)
        {
            total += count;
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
        }
        total.ShouldBe(Size);
        return most;
    }

    private static async Task<long> ServeAsync(HttpContext context)
    {
        var buffer = new byte[64 * 1024];
        if (HttpMethods.IsPut(context.Request.Method))
        {
            context.Request.ContentLength.ShouldBe(Size);
            long total = 0;
            while (await context.Request.Body.ReadAsync(buffer, Token) is > 0 and var count)
            {
                total += count;
            }
            return total;
        }
        context.Response.ContentLength = Size;
        for (long sent = 0; sent < Size; sent += buffer.Length)
        {
            await context.Response.Body.WriteAsync(buffer, Token);
        }
        return 0;
    }

    /// <summary>Many zeros that lie nowhere.</summary>
    private sealed class Zeros(long length, Action onRead) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            onRead();
            var count = (int)Math.Min(buffer.Length, length - Position);
            buffer[..count].Clear();
            Position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(buffer.AsSpan(offset, count)));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
