using System.Buffers;
using System.Text;
using Agb.Protocol;

namespace Agb.Protocol.Tests;

public sealed class StreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_and_the_result_come_in_order_and_heartbeats_are_passed_over()
    {
        var output = new ArrayBufferWriter<byte>();
        StreamFrame.WriteHeartbeat(output);
        StreamFrame.WriteItem(output, "a\nb", WireJson.Default.String);
        StreamFrame.WriteHeartbeat(output);
        StreamFrame.WriteResult(output, "end", WireJson.Default.String);

        var frames = await StreamFrame.ReadAsync(new MemoryStream(output.WrittenSpan.ToArray()), Token).ToArrayAsync(Token);

        frames.Length.ShouldBe(2);
        frames[0].Item!.Value.GetString().ShouldBe("a\nb");
        frames[1].Result!.Value.GetString().ShouldBe("end");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task Lines_are_the_same_in_whatever_pieces_they_come(int piece)
    {
        var output = new ArrayBufferWriter<byte>();
        string[] items = ["", "a", new string('b', 10_000), "\n", new string('c', 70_000)];
        foreach (var item in items)
        {
            StreamFrame.WriteItem(output, item, WireJson.Default.String);
            StreamFrame.WriteHeartbeat(output);
        }
        StreamFrame.WriteResult(output, new string('d', 30_000), WireJson.Default.String);

        var frames = await StreamFrame.ReadAsync(new PieceStream(output.WrittenMemory, piece), Token).ToArrayAsync(Token);

        frames[..^1].Select(f => f.Item!.Value.GetString()).ShouldBe(items);
        frames[^1].Result!.Value.GetString().ShouldBe(new string('d', 30_000));
    }

    [Fact]
    public async Task An_error_in_a_stream_keeps_all_that_it_says()
    {
        var output = new ArrayBufferWriter<byte>();
        StreamFrame.WriteError(output, AgbErrors.ContextNotFound("c"));

        var frame = (await StreamFrame.ReadAsync(new MemoryStream(output.WrittenSpan.ToArray()), Token).ToArrayAsync(Token)).ShouldHaveSingleItem();

        frame.Error!.ToException("r").ShouldSatisfyAllConditions(
            e => e.ErrorId.ShouldBe(AgbErrorIds.ContextNotFound), e => e.Kind.ShouldBe(AgbErrorKind.NotFound), e => e.Remedy.ShouldNotBeNull(),
            e => e.RequestId.ShouldBe("r"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}\n")]
    [InlineData("{\"item\":1}\n")]
    [InlineData("{\"item\":1}\n{\"result\":")]
    public async Task A_stream_without_an_end_was_cut_off(string text)
    {
        var error = await Should.ThrowAsync<AgbException>(
            async () => await StreamFrame.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), Token).ToArrayAsync(Token));

        error.ErrorId.ShouldBe(AgbErrorIds.ConnectionFailed);
    }

    [Fact]
    public async Task Changes_survive_the_way_there_and_back()
    {
        var large = new byte[300_000];
        new Random(1).NextBytes(large);
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        AgbContextFileChange[] changes =
        [
            new AgbContextFileChange.MakeDirectory("/d") { Mode = 448 },
            new AgbContextFileChange.Put("/d/large", _ => Task.FromResult<Stream>(new MemoryStream(large))) { Mode = 384, ModifiedAt = time },
            new AgbContextFileChange.Put("/d/empty", _ => Task.FromResult<Stream>(new MemoryStream())),
            new AgbContextFileChange.Link("/d/link", "large"),
            new AgbContextFileChange.Remove("/d/old", Recurse: true),
        ];
        var bytes = new MemoryStream();
        await ChangeStream.WriteAsync(bytes, changes.ToAsyncEnumerable(), Token);
        bytes.Position = 0;

        var seen = new List<string>();
        await foreach (var change in ChangeStream.ReadAsync(bytes, cancellationToken: Token))
        {
            if (change is AgbContextFileChange.Put put)
            {
                var content = new MemoryStream();
                await (await put.Open(Token)).CopyToAsync(content, Token);
                seen.Add($"put {put.Path} {put.Mode} {put.ModifiedAt:u} {content.ToArray().SequenceEqual(put.Path == "/d/large" ? large : [])}");
            }
            else
            {
                seen.Add(change.ToString());
            }
        }

        seen.ShouldBe([
            changes[0].ToString(), "put /d/large 384 2026-01-02 03:04:05Z True", "put /d/empty   True", changes[3].ToString(), changes[4].ToString()]);
    }

    [Fact]
    public async Task Content_that_nobody_reads_is_passed_over()
    {
        var bytes = new MemoryStream();
        AgbContextFileChange[] changes =
            [new AgbContextFileChange.Put("/a", _ => Task.FromResult<Stream>(new MemoryStream(new byte[100_000]))), new AgbContextFileChange.Remove("/b")];
        await ChangeStream.WriteAsync(bytes, changes.ToAsyncEnumerable(), Token);
        bytes.Position = 0;

        (await ChangeStream.ReadAsync(bytes, cancellationToken: Token).Select(c => c.Path).ToArrayAsync(Token)).ShouldBe(["/a", "/b"]);
    }

    [Fact]
    public async Task Every_beginning_of_a_stream_of_changes_is_a_typed_error()
    {
        var bytes = new MemoryStream();
        await ChangeStream.WriteAsync(
            bytes, new AgbContextFileChange[] { new AgbContextFileChange.Put("/a", _ => Task.FromResult<Stream>(new MemoryStream([1, 2, 3]))) }.ToAsyncEnumerable(), Token);
        var whole = bytes.ToArray();

        for (var length = 0; length < whole.Length; length++)
        {
            var error = await Should.ThrowAsync<AgbException>(
                async () => await ChangeStream.ReadAsync(new MemoryStream(whole, 0, length), cancellationToken: Token).ToArrayAsync(Token));
            error.ErrorId.ShouldBe(AgbErrorIds.InvalidRequest, $"{length} bytes");
        }
    }

    [Theory]
    [InlineData(200_000, true)]
    [InlineData(199_999, false)]
    public async Task A_file_that_is_larger_than_is_taken_is_refused_while_it_comes(long most, bool isTaken)
    {
        var bytes = new MemoryStream();
        AgbContextFileChange[] changes =
            [new AgbContextFileChange.Put("/a", _ => Task.FromResult<Stream>(new MemoryStream(new byte[200_000]))), new AgbContextFileChange.Remove("/b")];
        await ChangeStream.WriteAsync(bytes, changes.ToAsyncEnumerable(), Token);
        bytes.Position = 0;
        var reading = ChangeStream.ReadAsync(bytes, most, Token).Select(c => c.Path).ToArrayAsync(Token);

        if (isTaken)
        {
            (await reading).ShouldBe(["/a", "/b"]);
            return;
        }
        var error = await Should.ThrowAsync<AgbException>(async () => await reading);
        error.ErrorId.ShouldBe(AgbErrorIds.InvalidRequest);
        error.Message.ShouldContain("'/a'");
    }

    /// <summary>Gives so many bytes at a time.</summary>
    private sealed class PieceStream(ReadOnlyMemory<byte> bytes, int piece) : AsyncForwardStream
    {
        private ReadOnlyMemory<byte> _left = bytes;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(Math.Min(buffer.Length, piece), _left.Length);
            _left[..count].CopyTo(buffer);
            _left = _left[count..];
            return ValueTask.FromResult(count);
        }
    }
}
