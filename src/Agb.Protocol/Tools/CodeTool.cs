namespace Agb.Protocol;

/// <summary>The arguments of the tool <c>run_code</c>.</summary>
public sealed record CodeToolArguments
{
    /// <summary>The tool's name.</summary>
    public const string ToolName = "run_code";

    /// <summary>The code.</summary>
    public string? Code { get; init; }

    /// <summary>The language, see <see cref="CodeLanguages"/>.</summary>
    public string? Language { get; init; }

    /// <summary>The time limit in seconds.</summary>
    [JsonPropertyName("timeout_s")]
    public double? TimeoutS { get; init; }
}

/// <summary>The answer of the tool <c>run_code</c>, as JSON in its text. <see cref="Result"/> is an array also after a failure:
/// clients take an answer without it for a success.</summary>
public sealed record CodeToolResult
{
    /// <summary>The shown values: the forms by MIME type and <c>isMainResult</c>.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, JsonElement>>? Result { get; init; }

    /// <summary>The output on stdout.</summary>
    public IReadOnlyList<string>? Stdout { get; init; }

    /// <summary>The output on stderr.</summary>
    public IReadOnlyList<string>? Stderr { get; init; }

    /// <summary>The reason of the failure. Written even as null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? ExecutionError { get; init; }

    /// <summary>The number of the run in its interpreter.</summary>
    [JsonPropertyName("execution_count")]
    public int ExecutionCount { get; init; }

    /// <summary>Seconds from start to end.</summary>
    [JsonPropertyName("execution_time")]
    public double ExecutionTime { get; init; }

    /// <summary>The answer for a result.</summary>
    public static CodeToolResult From(AgbCodeResult result) => new()
    {
        Result = [.. result.Results.Select(Item)],
        Stdout = result.Stdout.Length == 0 ? [] : [result.Stdout],
        Stderr = result.Stderr.Length == 0 ? [] : [result.Stderr],
        ExecutionError = result.Error ?? (result.TimedOut ? "The code was ended because its time was over." : null),
        ExecutionCount = result.ExecutionCount,
        ExecutionTime = result.Duration.TotalSeconds,
    };

    /// <summary>The answer as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ToolJson.Default.CodeToolResult);

    /// <summary>The result of an answer in this format.</summary>
    public AgbCodeResult ToResult(string sessionId, AgbCodeLanguage language, IAgbService? service) => new()
    {
        Service = service,
        SessionId = sessionId,
        Language = language,
        Results = [.. (Result ?? []).Select(Output)],
        Stdout = string.Concat(Stdout ?? []),
        Stderr = string.Concat(Stderr ?? []),
        Error = ExecutionError is { Length: > 0 } ? ExecutionError : null,
        ExecutionCount = ExecutionCount,
        // A double may exceed the range of a TimeSpan.
        Duration = ExecutionTime is >= 0 and < 1e9 ? TimeSpan.FromSeconds(ExecutionTime) : TimeSpan.Zero,
    };

    /// <summary>A value shown by code, for the wire. JSON forms travel as JSON.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Item(AgbCodeOutput output)
    {
        var item = output.Mime.ToDictionary(m => m.Key, m => Form(m.Key, m.Value));
        item["isMainResult"] = JsonSerializer.SerializeToElement(output.IsMainResult, ValueJson.Default.Boolean);
        return item;
    }

    /// <summary>A value shown by code, from the wire. Forms other than text are kept as JSON.</summary>
    public static AgbCodeOutput Output(IReadOnlyDictionary<string, JsonElement> item)
    {
        var mime = new Dictionary<string, string>(StringComparer.Ordinal);
        var isMain = false;
        foreach (var (name, value) in item)
        {
            if (name is "isMainResult" or "is_main_result")
            {
                isMain = value.ValueKind == JsonValueKind.True;
            }
            else if (value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            {
                mime[CodeLanguages.LongMime(name)] = value.ValueKind == JsonValueKind.String ? WireReader.ReadText(value) : value.GetRawText();
            }
        }
        return new AgbCodeOutput { IsMainResult = isMain, Mime = mime };
    }

    private static JsonElement Form(string type, string form)
    {
        if (type.EndsWith("json", StringComparison.Ordinal))
        {
            try
            {
                using var document = JsonDocument.Parse(form);
                return document.RootElement.Clone();
            }
            catch (JsonException)
            {
                // Invalid JSON stays text.
            }
        }
        return JsonSerializer.SerializeToElement(form, ValueJson.Default.String);
    }
}

/// <summary>Names of languages and of forms of results.</summary>
public static class CodeLanguages
{
    /// <summary>The wire's word for a language.</summary>
    public static string From(AgbCodeLanguage language) => language switch
    {
        AgbCodeLanguage.Python => "python",
        AgbCodeLanguage.Javascript => "javascript",
        AgbCodeLanguage.Java => "java",
        _ => "r",
    };

    /// <summary>The language of a word, in any letter case and with the usual aliases.</summary>
    /// <exception cref="AgbException">InvalidCode.</exception>
    public static AgbCodeLanguage To(string? word) => word?.Trim().ToLowerInvariant() switch
    {
        null or "" or "python" or "py" or "python3" => AgbCodeLanguage.Python,
        "javascript" or "js" or "node" or "nodejs" => AgbCodeLanguage.Javascript,
        "java" => AgbCodeLanguage.Java,
        "r" => AgbCodeLanguage.R,
        _ => throw AgbErrors.Invalid(
            AgbErrorIds.InvalidCode, $"The language '{word}' is not known; expected python, javascript, java or r.", target: word),
    };

    internal static string LongMime(string name) => name switch
    {
        "text" => "text/plain",
        "html" => "text/html",
        "markdown" => "text/markdown",
        "png" => "image/png",
        "jpeg" => "image/jpeg",
        "svg" => "image/svg+xml",
        "json" => "application/json",
        "latex" => "text/latex",
        _ => name,
    };
}
