namespace Agb.Conformance.Refusals;

/// <summary>Tests of invalid commands: they are refused, and the session continues.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class CommandRefusalTests : ServiceTest
{
    [Fact]
    public Task A_command_with_a_NUL_is_refused() => RefusesCommandAsync(AgbErrorIds.InvalidCommand, new() { Command = "touch /tmp/ran\0; true" });

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public Task An_empty_command_is_refused(string command) => RefusesCommandAsync(AgbErrorIds.InvalidCommand, new() { Command = command });

    [Fact]
    public Task A_command_that_is_too_long_is_refused() => RefusesCommandAsync(
        AgbErrorIds.InvalidCommand, new() { Command = "touch /tmp/ran; : ".PadRight(AgbCommandRequest.MaxCommandBytes + 1, 'x') });

    [Fact]
    public Task A_command_that_is_too_long_in_bytes_is_refused() => RefusesCommandAsync(
        AgbErrorIds.InvalidCommand, new() { Command = "touch /tmp/ran; : " + new string('ä', AgbCommandRequest.MaxCommandBytes / 2) });

    [Theory]
    [InlineData("A=B", "1")]
    [InlineData("", "1")]
    [InlineData("A\0B", "1")]
    [InlineData("-i", "1")]
    [InlineData("A", "a\0b")]
    public Task A_bad_environment_variable_is_refused(string name, string value) => RefusesCommandAsync(
        AgbErrorIds.InvalidEnvironment,
        new() { Command = "touch /tmp/ran", Environment = new Dictionary<string, string> { ["GOOD"] = "1", [name] = value } });

    [Fact]
    public Task An_environment_that_is_too_large_is_refused() => RefusesCommandAsync(
        AgbErrorIds.InvalidEnvironment,
        new() { Command = "touch /tmp/ran", Environment = Enumerable.Range(0, 20).ToDictionary(i => $"V{i}", _ => new string('x', 100_000)) });

    [Fact]
    public async Task A_missing_working_directory_is_refused_by_name()
    {
        var error = await RefusesCommandAsync(
            AgbErrorIds.WorkingDirectoryNotFound, new() { Command = "touch /tmp/ran", WorkingDirectory = "/home/no/such/directory" });
        error.Message.ShouldContain("/home/no/such/directory");
    }

    [Fact]
    public Task A_working_directory_that_is_a_file_is_refused() =>
        RefusesCommandAsync(AgbErrorIds.WorkingDirectoryNotFound, new() { Command = "touch /tmp/ran", WorkingDirectory = "/etc/passwd" });

    [Theory]
    [InlineData("home")]
    [InlineData("")]
    [InlineData("/home/..")]
    [InlineData("/a\0b")]
    public Task A_working_directory_that_is_no_path_is_refused(string path) =>
        RefusesCommandAsync(AgbErrorIds.InvalidPath, new() { Command = "touch /tmp/ran", WorkingDirectory = path });

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(8 * 24 * 3600)]
    public Task A_time_limit_out_of_range_is_refused(double seconds) =>
        RefusesCommandAsync(AgbErrorIds.InvalidSessionOption, new() { Command = "touch /tmp/ran", Timeout = TimeSpan.FromSeconds(seconds) });

    [Fact]
    public Task A_negative_output_limit_is_refused() =>
        RefusesCommandAsync(AgbErrorIds.InvalidSessionOption, new() { Command = "touch /tmp/ran", MaxOutputBytes = -1 });

    private async Task<AgbException> RefusesCommandAsync(string errorId, AgbCommandRequest request)
    {
        var session = await StartAsync();
        var error = await RefusesAsync(errorId, () => Service.RunCommandAsync(session, request, Token));
        (await ShellAsync(session, "test -e /tmp/ran && echo it ran || echo it did not run")).ShouldBe("it did not run");
        return error;
    }
}
