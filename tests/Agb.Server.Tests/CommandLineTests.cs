using Agb.Server;

namespace Agb.Server.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-cli-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_key_is_printed_once_and_only_its_hash_is_kept()
    {
        (await RunAsync("keys", "add", "build", "--data", _directory)).ShouldBe(0);
        var key = _output.ToString().Trim();

        new ApiKeyFile(_directory).Find(ApiKey.HashOf(key)).ShouldNotBeNull().Name.ShouldBe("build");
        (await RunAsync("keys", "list", "--data", _directory)).ShouldBe(0);
        _output.ToString().Split(key).Length.ShouldBe(2, "the list does not show it again");
        _output.ToString().ShouldContain("build\to-");
        (await RunAsync("keys", "remove", "build", "--data", _directory)).ShouldBe(0);
        new ApiKeyFile(_directory).List().ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_key_the_server_does_not_start_and_says_what_to_do()
    {
        (await RunAsync("serve", "--data", _directory, "--urls", "http://127.0.0.1:0")).ShouldBe(1);

        _errors.ToString().ShouldContain("keys add");
    }

    [Fact]
    public async Task An_open_address_needs_a_word_of_consent()
    {
        (await RunAsync("serve", "--data", _directory, "--urls", "http://0.0.0.0:0", "--api-key", "long-enough")).ShouldBe(1);

        _errors.ToString().ShouldContain("--insecure");
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("keys", "add")]
    [InlineData("nonsense")]
    [InlineData("doctor", "--no-such-option")]
    [InlineData("serve", "--data", "/tmp/x", "--requests-per-second", "-1")]
    [InlineData("serve", "--data", "/tmp/x", "--max-request-mib", "many")]
    [InlineData("serve", "--data", "/tmp/x", "--memory-limit-mib", "-1")]
    [InlineData("serve", "--data", "/tmp/x", "--disk-limit-mib", "9000000000000")]
    [InlineData("serve", "--data", "/tmp/x", "--cpu-limit", "half")]
    public void What_can_not_be_understood_is_wrong_usage(params string[] arguments) =>
        CommandTree.Create(_output, _errors).Parse(arguments).Errors.ShouldNotBeEmpty();

    [Fact]
    public void Limits_of_sessions_are_read_and_0_is_none()
    {
        var (limits, command) = (new LimitOptions(), new System.CommandLine.Command("x"));
        limits.AddTo(command);

        limits.Read(command.Parse("--memory-limit-mib 512 --process-limit 200 --cpu-limit 1.5 --disk-limit-mib 3000 --open-file-limit 256"))
            .ShouldBe(new AgbSessionLimits { MemoryBytes = 512L << 20, Processes = 200, Cpus = 1.5, DiskBytes = 3000L << 20, OpenFiles = 256 });
        limits.Read(command.Parse("--memory-limit-mib 0 --cpu-limit 0")).ShouldBe(AgbSessionLimits.None);
        limits.Read(command.Parse("")).ShouldBe(AgbSessionLimits.None);
    }

    [Theory]
    [InlineData("--open-file-limit", "3")]
    [InlineData("--process-limit", "-1")]
    [InlineData("--cpu-limit", "-1")]
    [InlineData("--memory-limit-mib", "1")]
    public async Task A_server_whose_limits_no_session_can_have_does_not_start(params string[] arguments)
    {
        (await RunAsync(["serve", "--data", _directory, "--urls", "http://127.0.0.1:0", "--api-key", "long-enough", .. arguments])).ShouldBe(1);

        _errors.ToString().ShouldContain(AgbErrorIds.InvalidSessionOption);
    }

    [Theory]
    [InlineData("doctor")]
    [InlineData("doctor", "--no-install")]
    public void Doctor_is_there(params string[] arguments) => CommandTree.Create(_output, _errors).Parse(arguments).Errors.ShouldBeEmpty();

    private async Task<int> RunAsync(params string[] arguments) =>
        await CommandTree.Create(_output, _errors).Parse(arguments).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);
}
