namespace Agb.Cloud.Tests.Settings;

public sealed class CloudEnvironmentTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("agb-cloud-test-").FullName;
    private readonly Dictionary<string, string> _process = [];

    private string EnvFile => Path.Combine(_directory, ".env");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Without_a_key_no_such_service_is_meant()
    {
        Find().ShouldBeNull();
        _process["AGB_ENDPOINT"] = "http://h";
        Find().ShouldBeNull();
    }

    [Fact]
    public void A_key_alone_means_the_cloud()
    {
        _process["AGB_API_KEY"] = "k";
        var found = Find().ShouldNotBeNull();
        (found.Options.ApiKey, found.Options.Endpoint, found.Options.Timeout).ShouldBe(("k", AgbEndpoint.Default, TimeSpan.FromSeconds(60)));
        (found.ApiKeyFrom, found.EndpointFrom).ShouldBe(("environment", "default"));
    }

    [Fact]
    public void Each_setting_is_what_is_given_else_the_process_else_the_file()
    {
        File.WriteAllText(EnvFile, "AGB_API_KEY=file\nAGB_ENDPOINT=http://file\nAGB_TIMEOUT_MS=3000\n");
        var found = Find().ShouldNotBeNull();
        (found.Options.ApiKey, found.Options.Endpoint, found.Options.Timeout).ShouldBe(("file", "http://file", TimeSpan.FromSeconds(3)));
        (found.ApiKeyFrom, found.EndpointFrom).ShouldBe((EnvFile, EnvFile));

        _process["AGB_API_KEY"] = "process";
        _process["AGB_TIMEOUT_MS"] = "4000";
        found = Find().ShouldNotBeNull();
        (found.Options.ApiKey, found.Options.Endpoint, found.Options.Timeout).ShouldBe(("process", "http://file", TimeSpan.FromSeconds(4)));

        found = Find("http://given", "given", TimeSpan.FromSeconds(5)).ShouldNotBeNull();
        (found.Options.ApiKey, found.Options.Endpoint, found.Options.Timeout).ShouldBe(("given", "http://given", TimeSpan.FromSeconds(5)));
        (found.ApiKeyFrom, found.EndpointFrom).ShouldBe(("given", "given"));
    }

    [Fact]
    public void An_empty_variable_hides_the_file()
    {
        File.WriteAllText(EnvFile, "AGB_API_KEY=file\n");
        _process["AGB_API_KEY"] = "";
        Find().ShouldBeNull();
    }

    [Fact]
    public void An_endpoint_without_a_key_is_refused() =>
        Should.Throw<AgbException>(() => Find("http://h")).ErrorId.ShouldBe(AgbErrorIds.AuthenticationFailed);

    [Theory]
    [InlineData("60s")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    public void A_bad_time_limit_is_refused_with_its_variable_place_and_value(string text)
    {
        File.WriteAllText(EnvFile, $"AGB_TIMEOUT_MS={text}");
        _process["AGB_API_KEY"] = "k";
        var error = Should.Throw<AgbException>(() => Find());
        error.ErrorId.ShouldBe(AgbErrorIds.InvalidSetting);
        foreach (var named in (string[])["AGB_TIMEOUT_MS", EnvFile, $"'{text}'", "milliseconds"])
        {
            error.Message.ShouldContain(named);
        }
    }

    [Fact]
    public void A_bad_endpoint_is_refused_with_its_variable_and_value()
    {
        (_process["AGB_API_KEY"], _process["AGB_ENDPOINT"]) = ("k", "ftp://h");
        var error = Should.Throw<AgbException>(() => Find());
        error.ErrorId.ShouldBe(AgbErrorIds.InvalidSetting);
        error.Message.ShouldContain("AGB_ENDPOINT");
        error.Message.ShouldContain("ftp://h");
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("schlüssel")]
    [InlineData("a\nb")]
    public void A_key_that_no_header_can_carry_is_refused_and_not_repeated(string key)
    {
        var error = Should.Throw<AgbException>(() => Find(apiKey: key));
        error.ErrorId.ShouldBe(AgbErrorIds.AuthenticationFailed);
        error.ToString().ShouldNotContain(key);
    }

    [Fact]
    public void The_key_is_not_part_of_any_text_of_the_settings()
    {
        var found = Find(apiKey: "ako-hidden").ShouldNotBeNull();
        found.ToString().ShouldNotContain("ako-hidden");
        found.Options.ToString().ShouldNotContain("ako-hidden");
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused_by_name()
    {
        File.WriteAllText(EnvFile, new string('#', 1024 * 1024 + 1));
        var error = Should.Throw<AgbException>(() => Find());
        error.ErrorId.ShouldBe(AgbErrorIds.InvalidSetting);
        error.Message.ShouldContain(EnvFile);
    }

    [Theory]
    [InlineData("A=1", "1")]
    [InlineData("  export A = 1 ", "1")]
    [InlineData("A=1\r\nB=2\r\n", "1")]
    [InlineData("A=x # comment", "x")]
    [InlineData("A=x#y", "x#y")]
    [InlineData("A=#", "")]
    [InlineData("A=", "")]
    [InlineData("A='x # y' # z", "x # y")]
    [InlineData("A=\"x\\n\\\"y\\\"\" # z", "x\n\"y\"")]
    [InlineData("A=b=c", "b=c")]
    [InlineData("#A=0\nA=1", "1")]
    [InlineData("A=0\nA=1", "1")]
    public void Files_are_read_line_by_line(string text, string value) => DotEnvFile.Parse(text)["A"].ShouldBe(value);

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("=1")]
    [InlineData("# A=1")]
    public void What_is_no_assignment_is_passed_over(string text) => DotEnvFile.Parse(text).ShouldBeEmpty();

    private FoundSettings? Find(string? endpoint = null, string? apiKey = null, TimeSpan? timeout = null) =>
        CloudEnvironment.Find(endpoint, apiKey, timeout, _directory, name => _process.GetValueOrDefault(name));
}
