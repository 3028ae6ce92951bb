using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace Agb.PowerShell.Tests;

/// <summary>Times and values of objects in scripts, CSV and errors.</summary>
public sealed class ValueTests : CmdletTest
{
    private static readonly DateTimeOffset s_time = new(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(7));

    public ValueTests(ModuleRunspace module)
        : base(module)
    {
        Set("context", One<AgbContext>("New-AgbContext store -Connection $connection"));
        Set("session", One<AgbSession>("$context | New-AgbSession -Path /home/data -Label @{ purpose = 'csv'; a = 'b' } -MemoryLimit 512MB"));
    }

    /// <summary>Objects with times.</summary>
    public static TheoryData<Type, string> Times =>
    [
        .. from type in typeof(AgbObject).Assembly.GetExportedTypes()
           where type.IsAssignableTo(typeof(AgbObject)) && !type.IsAbstract
           from property in type.GetProperties()
           where (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(DateTimeOffset)
           select new TheoryDataRow<Type, string>(type, property.Name),
    ];

    [Theory]
    [MemberData(nameof(Times))]
    public void A_time_is_local_as_of_other_cmdlets(Type type, string name)
    {
        var value = RuntimeHelpers.GetUninitializedObject(type);
        type.GetProperty(name)!.SetValue(value, s_time);
        Set("value", value);

        var time = One<DateTime>("$value." + name);

        (time, time.Kind).ShouldBe((s_time.LocalDateTime, DateTimeKind.Local));
    }

    [Fact]
    public void Times_are_compared_and_subtracted()
    {
        One<TimeSpan>("(Get-Date) - $session.CreatedAt").ShouldBeLessThan(TimeSpan.FromHours(1));
        One<TimeSpan>("New-TimeSpan $session.CreatedAt").ShouldBeLessThan(TimeSpan.FromHours(1));
        Run("$session | Where-Object CreatedAt -GT (Get-Date).AddHours(-1)").Length.ShouldBe(1);
    }

    [Fact]
    public void A_time_in_an_error_is_local() =>
        ErrorMap.ToRecord(AgbErrors.SessionNotFound("s-1", s_time), null).ToString()
            .ShouldEndWith($"released at {s_time.LocalDateTime:yyyy-MM-dd HH:mm:ss}.");

    [Fact]
    public void CSV_has_values_and_no_names_of_types()
    {
        var row = Run("$session | ConvertTo-Csv | ConvertFrom-Csv").ShouldHaveSingleItem();

        row.Properties["Labels"].Value.ShouldBe("a=b; purpose=csv");
        row.Properties["ContextSyncs"].Value.ToString()!.ShouldContain(Texts("$context.Id")[0]);
        row.Properties["Limits"].Value.ShouldBe("MemoryBytes=536870912");
        Texts("$context, $session | ForEach-Object { $_ | ConvertTo-Csv }").ShouldAllBe(l => !l.Contains("System.") && !l.Contains("Agb.Agb"));
    }
}
