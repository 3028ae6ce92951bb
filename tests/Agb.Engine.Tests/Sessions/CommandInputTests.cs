using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Sessions;

/// <summary>What commands read from stdin.</summary>
public sealed class CommandInputTests : EngineTest
{
    private const int Large = 20 * 1024 * 1024;

    [Fact]
    public async Task A_stream_of_any_size_arrives_whole()
    {
        var bytes = new byte[Large];
        new Random(1).NextBytes(bytes);
        var (service, session) = await StartAsync();
        var result = await RunAsync(service, session, "cat >/tmp/in; sha256sum </tmp/in", new MemoryStream(bytes));
        result.Stdout.ShouldStartWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
    }

    [Fact]
    public async Task Without_one_there_is_nothing_to_read()
    {
        var (service, session) = await StartAsync();
        (await RunAsync(service, session, "wc -c", null)).Stdout.Trim().ShouldBe("0");
    }

    [Fact]
    public async Task A_command_that_does_not_read_it_ends_all_the_same()
    {
        var (service, session) = await StartAsync();
        (await RunAsync(service, session, "echo done", new MemoryStream(new byte[Large]))).Stdout.ShouldBe("done\n");
        (await RunAsync(service, session, "head -c 3", new MemoryStream("abcdef"u8.ToArray()))).Stdout.ShouldBe("abc");
        // A program in the background may hold it open.
        (await RunAsync(service, session, "sleep 600 <&0 & echo left", new MemoryStream(new byte[Large]))).Stdout.ShouldBe("left\n");
    }

    [Fact]
    public async Task A_stream_that_never_ends_ends_with_the_command()
    {
        var (service, session) = await StartAsync();
        await using var endless = new EndlessStream();
        (await RunAsync(service, session, "head -c 1000000 | wc -c", endless)).Stdout.Trim().ShouldBe("1000000");
        endless.IsInUse.ShouldBeFalse();
    }

    [Fact]
    public async Task A_stream_that_breaks_ends_the_command_with_its_error()
    {
        var (service, session) = await StartAsync();
        await using var broken = new BrokenStream();
        var error = await Should.ThrowAsync<InvalidDataException>(() => RunAsync(service, session, "cat >/tmp/in && touch /tmp/whole", broken));
        error.Message.ShouldBe("broken");
        (await ShellAsync(service, session, "[ -e /tmp/whole ] && echo whole || echo part")).ShouldBe("part");
    }

    private async Task<(IAgbService Service, AgbSession Session)> StartAsync()
    {
        var service = Open();
        return (service, await service.CreateSessionAsync(new AgbSessionRequest(), Token));
    }

    private static Task<AgbCommandResult> RunAsync(IAgbService service, AgbSession session, string command, Stream? input) =>
        service.RunCommandAsync(session, new AgbCommandRequest { Command = command, Input = input }, Token);

    private sealed class EndlessStream : MemoryStream
    {
        public bool IsInUse { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            IsInUse = true;
            await Task.Yield();
            buffer.Span.Fill((byte)'x');
            IsInUse = false;
            return buffer.Length;
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _reads++ == 0 ? ValueTask.FromResult(buffer.Length) : throw new InvalidDataException("broken");
    }
}
