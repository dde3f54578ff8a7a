//! Rows of the plans of eight classes; their form is told in [`super::by_hand`].

pub const SHENYANG_ROWS: &str = "
    class=8 benefits=4000000                        -> rated 0 1 0.019
    class=2                                         -> rated -2 0.5 0.002
    class=1                                         -> rated -2 0.5 0.002 unlimited=0.001 limit:floor
    class=1 benefits=500000                         -> rated -1 0.8 0.002 unlimited=0.0016 limit:floor
    class=1 benefits=1300001                        -> rated 1 1.2 0.0024
    class=1 benefits=1500001                        -> rated 2 1.5 0.003
    class=4 benefits=500001                         -> rated 0 1 0.009
    class=4 benefits=1200000                        -> rated 0 1 0.009
    class=4 benefits=1300000                        -> rated 0 1 0.009
    class=4 benefits=1300001                        -> rated 1 1.2 0.0108
    class=4 benefits=1500000                        -> rated 1 1.2 0.0108
    class=4 benefits=1500001                        -> rated 2 1.5 0.0135
    class=8 benefits=1                              -> rated -1 0.8 0.0152
    class=8 fraud=true                              -> rated 0 1 0.019 veto
    class=3 benefits=1 arrears_months=0.000000001   -> rated 0 1 0.007 veto
    class=3 benefits=1500001 concealed_payroll=true -> rated 2 1.5 0.0105
    class=4 since=2019-01-01                        -> rated -2 0.5 0.0045
    class=4 since=2019-01-02                        -> kept 0 1 0.009 insured_too_short
    class=4 since=2019-01-02 paid=0                 -> kept 0 1 0.009 insured_too_short
    class=4 paid=0                                  -> review 0 1 0.009 payout_ratio:undefined
    class=4 year-1=short                            -> review 0 1 0.009 window:incomplete
    class=4 year-0=straddled                        -> rated -2 0.5 0.0045
    class=4 year-1=straddled                        -> review 0 1 0.009 window:straddled
    fraud=false                                     -> rated -2 0.5 0.0095
    class=5 claim=2018-05-05/commuting/fatal/1/2019-01-01/500000 -> rated -1 0.8 0.0088
";

pub const HAINAN_ROWS: &str = "
    class=6 benefits=1500000 deaths=3               -> rated 2 1.5 0.015
    class=6 benefits=1500000 deaths=2               -> rated -1 0.8 0.008
    class=6 diseases=3                              -> rated 2 1.5 0.015
    class=6 diseases=2 deaths=2                     -> rated -2 0.5 0.005
    class=6 blacklisted=true                        -> rated 2 1.5 0.015
    class=6 benefits=4000001                        -> rated 1 1.2 0.012
    class=6 benefits=4000000                        -> rated 0 1 0.01
    class=6 benefits=4000000 relief_available=true  -> rated -1 0.8 0.008
    class=6 benefits=4000001 relief_available=true  -> rated 1 1.2 0.012
    class=6 benefits=2000001 relief_available=true  -> rated -1 0.8 0.008
    class=6 benefits=2000000 relief_available=true  -> rated 0 1 0.01
    class=6 benefits=2000000                        -> rated 0 1 0.01
    class=6 benefits=1999999                        -> rated -1 0.8 0.008
    class=6                                         -> rated -2 0.5 0.005
    class=6 injuries=9                              -> rated -2 0.5 0.005
    class=6 year-4=paid_for                         -> rated -1 0.8 0.008
    class=6 year-4=gone                             -> rated -1 0.8 0.008
    class=6 year-1=zero                             -> rated -1 0.8 0.008
    class=6 year-2=straddled                        -> rated -1 0.8 0.008
    class=6 year-2=unknown                          -> rated -1 0.8 0.008
    class=6 year-3=short                            -> rated -1 0.8 0.008
    class=6 since=2017-01-01                        -> rated -2 0.5 0.005
    class=6 since=2017-01-02                        -> rated -1 0.8 0.008
    class=6 fraud=true                              -> rated -1 0.8 0.008
    class=6 concealed_payroll=true                  -> rated -1 0.8 0.008
    class=6 arrears_months=0.000000001              -> rated -1 0.8 0.008
    class=1                                         -> rated 0 1 0.002
    class=1 benefits=800001                         -> rated 1 1.2 0.0024
    class=2                                         -> rated -2 0.5 0.002
    class=4 benefits=960000                         -> rated -1 0.8 0.0064
    class=6 payroll=0 deaths=3                      -> review 0 1 0.01 payout_ratio:undefined
    class=6 paid=0                                  -> rated -2 0.5 0.005
    class=6 year-0=unknown                          -> review 0 1 0.01 periods.payroll:missing
    class=6 since=2021-12-15                        -> rated -1 0.8 0.008
    class=6 since=2022-01-05                        -> review 0 1 0.01 payout_ratio:undefined
";

pub const U1_ROWS: &str = "
    class=4                                         -> rated -2 0.5 0.0045
    class=4 benefits=100000                         -> rated -2 0.5 0.0045
    class=4 benefits=100001                         -> rated -1 0.8 0.0072
    class=4 benefits=500000                         -> rated -1 0.8 0.0072
    class=4 benefits=500001                         -> rated 0 1 0.009
    class=4 benefits=1000001                        -> rated 1 1.2 0.0108
    class=4 benefits=1200000                        -> rated 1 1.2 0.0108
    class=4 benefits=1200001                        -> rated 2 1.5 0.0135
    class=1                                         -> rated 0 1 0.002
    class=1 benefits=1200000                        -> rated 0 1 0.002
    class=1 benefits=1200001                        -> rated 2 1.5 0.003
    class=4 safety_certificate_grade=1              -> rated -2 0.5 0.0042
    class=4 safety_certificate_grade=2 safety_certificate_used=true -> rated -2 0.5 0.0042
    class=4 safety_certificate_grade=3              -> rated -2 0.5 0.0045
    class=1 safety_certificate_grade=2              -> rated 0 1 0.002 unlimited=0.0017 limit:floor
    class=1 safety_certificate_grade=2 benefits=1200001 -> rated 2 1.5 0.0027
    class=2 safety_certificate_grade=1              -> rated -2 0.5 0.002 unlimited=0.0017 limit:floor
    class=4 safety_certificate_grade=1 since=2020-01-02 -> kept 0 1 0.009 insured_too_short
    class=4 safety_certificate_grade=1 paid=0       -> review 0 1 0.009 payout_ratio:undefined
";

pub const U2_ROWS: &str = "
    class=4                                         -> rated -1 0.8 0.0072
    class=4 benefits=1200000                        -> rated -1 0.8 0.0072
    class=4 benefits=1200001                        -> rated 0 1 0.009
    class=4 injuries=1                              -> rated 0 1 0.009
    class=4 injuries=0                              -> rated -1 0.8 0.0072
    class=4 injuries=1 benefits=1200000             -> rated 0 1 0.009
    class=4 injuries=1 benefits=1200001             -> rated 1 1.2 0.0108
    class=4 injuries=1 benefits=3000000             -> rated 1 1.2 0.0108
    class=4 injuries=1 benefits=3000001             -> rated 2 1.5 0.0135
    class=1                                         -> rated 0 1 0.002
    class=2 injuries=4 benefits=9000000             -> rated 0 1 0.004
    class=3                                         -> rated -1 0.8 0.0056
    class=8 deaths=1                                -> rated 0 1 0.019
    class=4 since=2020-01-02                        -> kept 0 1 0.009 insured_too_short
    class=4 claim=2019-12-31/other/temporary/1/2020-05-05/1200001 -> rated 0 1 0.009
    class=4 claim=2020-12-31/other/temporary/1/2021-02-02/9000000 -> rated 0 1 0.009
    class=4 claim=2021-01-01/other/temporary/1/2021-02-02/9000000 -> rated -1 0.8 0.0072
";
